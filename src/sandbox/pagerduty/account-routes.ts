import type { Account } from './account.ts'
import { page, utc } from './page.ts'
import { invalidInput } from './refusal.ts'
import { ok, PAGING, type Route } from './route.ts'
import { policyReference, restChange, restUser, userReference } from './shapes.ts'

/** Services, people and who is on call. */
export function accountRoutes(account: Account, now: () => number): Route[] {
  const read = { method: 'GET', needsFrom: false } as const
  return [
    {
      ...read,
      path: '/services/:id/change_events',
      query: [...PAGING, 'since', 'until', 'team_ids[]', 'integration_ids[]'],
      answer: ({ params, query }) => {
        const { id } = account.service(params.id ?? '')
        const since = utc(query, 'since', 0)
        const until = utc(query, 'until', now())
        const changes = account.changes
          .filter((change) => change.service.id === id && change.at >= since && change.at <= until)
          .toSorted((a, b) => b.at - a.at)
        return ok(page('change_events', changes.map(restChange), query))
      },
    },
    {
      ...read,
      path: '/oncalls',
      query: [
        ...PAGING,
        'escalation_policy_ids[]',
        'user_ids[]',
        'earliest',
        'include[]',
        'since',
        'until',
        'time_zone',
      ],
      answer: ({ query }) => {
        const policies = query.getAll('escalation_policy_ids[]')
        const people = query.getAll('user_ids[]')
        const included = query.getAll('include[]')
        if (included.some((one) => one !== 'users')) throw invalidInput('include[] is unknown')
        const onCalls = account.onCalls
          .filter(({ policyId }) => policies.length === 0 || policies.includes(policyId))
          .filter(({ user }) => people.length === 0 || people.includes(user.id))
          .map(({ policyId, user, level }) => ({
            user: included.includes('users') ? restUser(user) : userReference(user),
            escalation_policy: policyReference(policyId),
            escalation_level: level,
            schedule: null,
            start: null,
            end: null,
          }))
        return ok(page('oncalls', onCalls, query))
      },
    },
    {
      ...read,
      path: '/users/:id',
      query: ['include[]'],
      answer: ({ params }) => ok({ user: restUser(account.user(params.id ?? '')) }),
    },
  ]
}
