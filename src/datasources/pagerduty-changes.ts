import { z } from 'zod'
import type { UnknownCause } from '../domain/finding.ts'
import { defineDataSource, SourceError } from './datasource.ts'

/** PagerDuty's change events of the service: what CI and CD systems report to it. */
export const pagerdutyChanges = defineDataSource({
  type: 'pagerduty-changes',
  offers: ['deploys'],
  config: z.strictObject({}),
  open: (name, _settings, deps) => ({
    name,
    type: 'pagerduty-changes',
    deploys: {
      async deploys(service, window, signal) {
        const ask = deps.changeEvents
        const ids = service.pagerdutyServiceIds
        if (ask === undefined) throw new SourceError('not-configured', name, 'Change events need PAGERDUTY_API_TOKEN.')
        if (ids.length === 0)
          throw new SourceError('not-configured', name, `${service.name} has no \`pagerduty\` id in incbot.yaml.`)
        try {
          const perService = await Promise.all(ids.map((id) => ask(id, window.from, window.to, signal)))
          return {
            value: perService.flat().sort((a, b) => a.at - b.at),
            query: `change events of ${ids.join(', ')}`,
            asOf: deps.now(),
            warnings: [],
          }
        } catch (error) {
          throw asSourceError(name, error)
        }
      },
    },
    probe: async () => {
      if (deps.changeEvents === undefined)
        throw new SourceError('not-configured', name, 'Change events need PAGERDUTY_API_TOKEN.')
    },
  }),
})

/** What the client's failures mean for a finding. */
const CAUSES: ReadonlyMap<unknown, UnknownCause> = new Map<string, UnknownCause>([
  ['unauthorized', 'unauthorized'],
  ['forbidden', 'forbidden'],
  ['not-found', 'missing'],
  ['rate-limited', 'unreachable'],
  ['unavailable', 'unreachable'],
  ['timeout', 'timeout'],
  ['invalid', 'bad-answer'],
  ['bad-answer', 'bad-answer'],
])

/** The client says in `kind` what went wrong, and its text is for people; anything else is a bug and stays one. */
function asSourceError(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('kind' in error)) return error
  const cause = CAUSES.get(error.kind)
  if (cause === undefined) return error
  return new SourceError(cause, name, error.message, {
    cause: error,
    ...(cause === 'forbidden' && { missingPermission: 'read access to change events for the PagerDuty token' }),
  })
}
