import { setImmediate as breathe } from 'node:timers/promises'
import { type PagerDutyStandIn, startPagerDutyStandIn } from '../pagerduty/index.ts'
import { type SlackStandIn, type SlackUser, startSlackStandIn } from '../slack/index.ts'

/** Secrets of the sandbox. They open nothing but stand-ins on loopback. */
export const credentials = {
  slackBotToken: 'xoxb-sandbox',
  slackAppToken: 'xapp-sandbox',
  slackSigningSecret: 'sandbox-signing-secret',
  pagerDutyToken: 'sandbox-pagerduty-token',
  pagerDutyWebhookSecret: 'sandbox-webhook-secret',
  gateToken: 'sandbox-gate-token',
} as const

const person = (id: string, name: string, realName: string): SlackUser => ({
  id,
  name,
  realName,
  email: `${name}@example.com`,
})

/** Who works here: one may approve, one only watches, one may switch the bot off. */
export const people = {
  approver: person('U0ONCALL', 'ana', 'Ana Ruiz'),
  bystander: person('U0DATA', 'ben', 'Ben Okafor'),
  admin: person('U0ADMIN', 'cleo', 'Cleo Lindgren'),
} as const

export const channels = { service: 'C0ML', fallback: 'C0INCIDENTS' } as const
export const approverGroup = 'S0MLPLATFORM'

/** Bot scopes of the Slack app. */
const SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:join',
  'channels:manage',
  'channels:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'usergroups:read',
  'users:read',
  'users:read.email',
]

export interface Office {
  readonly slack: SlackStandIn
  readonly pagerduty: PagerDutyStandIn
  stop(): Promise<void>
}

export interface OfficeOptions {
  readonly pagerDutyServices: readonly { readonly id: string; readonly name: string }[]
  /** Incidents that the account has had and closed, a month ago. The next one has the number after theirs. */
  readonly pastIncidents: number
}

const MONTH_MS = 30 * 24 * 3_600_000

/** Starts the places where people are: a Slack workspace and a PagerDuty account. */
export async function startOffice({ pagerDutyServices, pastIncidents }: OfficeOptions): Promise<Office> {
  const everyone = Object.values(people)
  let behindMs = MONTH_MS
  const members = everyone.map(({ id }) => id)
  const [slack, pagerduty] = await Promise.all([
    startSlackStandIn({
      signingSecret: credentials.slackSigningSecret,
      botToken: credentials.slackBotToken,
      appToken: credentials.slackAppToken,
      scopes: SCOPES,
      users: everyone,
      userGroups: [{ id: approverGroup, handle: 'ml-platform', users: [people.approver.id] }],
      channels: [
        { id: channels.service, name: 'ml-incidents', members, botIsMember: true },
        { id: channels.fallback, name: 'incidents', members, botIsMember: true },
      ],
    }),
    startPagerDutyStandIn({
      token: credentials.pagerDutyToken,
      services: pagerDutyServices.map((service) => ({ ...service, escalationPolicyId: 'PONCALL' })),
      users: [
        { id: 'PUANA', name: people.approver.realName, email: people.approver.email },
        { id: 'PUBOT', name: 'incbot', email: 'incbot@example.com' },
      ],
      now: () => Date.now() - behindMs,
    }),
  ])
  await closeIncidents(pagerduty, pagerDutyServices[0]?.id ?? '', pastIncidents)
  behindMs = 0
  return {
    slack,
    pagerduty,
    async stop() {
      await Promise.all([slack.stop(), pagerduty.stop()])
    },
  }
}

/** Some thousands of them take a while, in which others want to get on. */
async function closeIncidents(pagerduty: PagerDutyStandIn, serviceId: string, count: number): Promise<void> {
  for (let closed = 0; closed < count; closed += 1) {
    pagerduty.resolve(pagerduty.trigger({ serviceId, title: 'An earlier incident' }).id)
    if (closed % 200 === 199) await breathe()
  }
}
