import type { EffectivePolicy } from './approval-policy.ts'
import type { Person } from './event.ts'
import type { Basis, RefusalReason } from './remediation.ts'
import type { Approvers, People, Service } from './service.ts'

/** What Slack says about a person. */
export interface PersonFacts {
  /** In lower case, and only where Slack has confirmed it. */
  readonly email?: string
  readonly bot: boolean
  readonly guest: boolean
  readonly deactivated: boolean
}

/** What was found out about a person, and about incbot itself, at the moment of asking. */
export interface Standing {
  /** Ids of the groups of approvers and of those who may break the glass that the person is in; `unknown` when Slack could not say. */
  readonly groups: readonly string[] | 'unknown'
  readonly facts: PersonFacts | 'unknown'
  /** Addresses, in lower case, of those whom PagerDuty has on call now; `unknown` when it could not say, and empty where nobody asked. */
  readonly onCall: readonly string[] | 'unknown'
  /** Who or what switched incbot off; undefined while it is on. */
  readonly switchedOff: string | undefined
}

export type Standpoint = { readonly basis: Basis } | { readonly refusal: RefusalReason }

/** Why incbot changes nothing for this service now, whoever asks; undefined when it may. */
export function serviceRefusal(service: Service, standing: Pick<Standing, 'switchedOff'>): RefusalReason | undefined {
  if (standing.switchedOff !== undefined) {
    return {
      code: 'switched-off',
      text: `incbot is switched off (${standing.switchedOff}): it only observes until \`/inc on\`.`,
    }
  }
  if (service.mode === 'observe') {
    return {
      code: 'observe-only',
      text: `${service.name} is in observe mode: incbot changes nothing for it. Set \`mode: act\` for it in incbot.yaml to allow this.`,
    }
  }
  return undefined
}

/** Whether this person may approve under this policy, and why they may. */
export function standpoint(person: Person, service: Service, policy: EffectivePolicy, standing: Standing): Standpoint {
  const closed = serviceRefusal(service, standing) ?? unfit(standing.facts)
  if (closed) return { refusal: closed }
  const { approvers } = policy
  if (isNobody(approvers)) return { refusal: nobodyMay(service) }
  const basis = basisOf(person, approvers, standing)
  if (basis !== undefined) return { basis }
  return { refusal: cannotTell(approvers, standing) ?? notApprover(service, approvers) }
}

/** Whether this person may go over a failed preflight or a freeze. */
export function breakGlassStandpoint(person: Person, service: Service, standing: Standing): Standpoint {
  const closed = serviceRefusal(service, standing) ?? unfit(standing.facts)
  if (closed) return { refusal: closed }
  const { breakGlass = { users: [], groups: [] } } = service
  if (basisOf(person, breakGlass, standing) !== undefined) return { basis: 'break-glass' }
  const who = describePeople(breakGlass)
  const text =
    standing.groups === 'unknown' && breakGlass.groups.length > 0
      ? `Slack could not tell whether you are in ${who}, so this was not done. Try again.`
      : isNobody(breakGlass)
        ? `Nobody may break the glass for ${service.name}: no \`breakGlass\` is configured for it in incbot.yaml.`
        : `You may not break the glass for ${service.name}. Who may: ${who}.`
  return { refusal: { code: 'not-break-glass', text } }
}

/** The first of the reasons why the person is among these people; undefined where none is known. */
function basisOf(person: Person, people: Approvers, { groups, facts, onCall }: Standing): Basis | undefined {
  if (people.users.includes(person.user)) return 'listed'
  if (groups !== 'unknown' && groups.some((group) => people.groups.includes(group))) return 'group'
  const email = facts === 'unknown' ? undefined : facts.email
  const isOnCall = people.onCall === true && onCall !== 'unknown' && email !== undefined && onCall.includes(email)
  return isOnCall ? 'on-call' : undefined
}

/** Some are nobody's to approve with: bots, closed accounts, guests. What Slack does not say is not held against anybody. */
function unfit(facts: Standing['facts']): RefusalReason | undefined {
  if (facts === 'unknown') return undefined
  if (facts.bot) return { code: 'not-a-person', text: 'A bot may approve nothing; nothing was started.' }
  if (facts.deactivated)
    return {
      code: 'not-a-person',
      text: 'This account is deactivated, so it may approve nothing; nothing was started.',
    }
  if (facts.guest)
    return { code: 'guest', text: 'Guests of the workspace may approve nothing; ask a full member who may.' }
  return undefined
}

/** What could not be found out and might have made a difference. */
function cannotTell(approvers: Approvers, { groups, facts, onCall }: Standing): RefusalReason | undefined {
  const refusal = (text: string): RefusalReason => ({ code: 'cannot-tell', text })
  const named = 'Try again, or ask somebody who is listed by name.'
  if (groups === 'unknown' && approvers.groups.length > 0) {
    const which = describePeople({ users: [], groups: approvers.groups })
    return refusal(`Slack could not tell whether you are in ${which}, so this was not done. ${named}`)
  }
  if (approvers.onCall !== true) return undefined
  if (onCall === 'unknown') return refusal(`PagerDuty could not tell who is on call, so this was not done. ${named}`)
  if (facts === 'unknown') return refusal(`Slack could not tell who you are, so this was not done. ${named}`)
  if (facts.email === undefined && onCall.length > 0)
    return refusal(
      `Slack knows no confirmed e-mail address of yours, so incbot cannot tell whether PagerDuty has you on call. ${named}`,
    )
  return undefined
}

function nobodyMay(service: Service): RefusalReason {
  return {
    code: 'nobody-may',
    text: `No approvers are configured for ${service.name}, so nobody may. Add some under \`approvers\` in incbot.yaml.`,
  }
}

function notApprover(service: Service, approvers: Approvers): RefusalReason {
  return {
    code: 'not-approver',
    text: `You may not approve this for ${service.name}. Who may: ${describeApprovers(approvers)}.`,
  }
}

function isNobody({ users, groups, onCall }: Approvers): boolean {
  return users.length === 0 && groups.length === 0 && onCall !== true
}

/** Mentions of who may, in Slack's own notation: these ids come from the configuration, not from outside. */
export function describeApprovers(approvers: Approvers): string {
  const onCall = approvers.onCall === true ? ['whoever is on call in PagerDuty'] : []
  return [...onCall, ...mentions(approvers)].join(', ') || 'nobody'
}

function describePeople(people: People): string {
  return mentions(people).join(', ') || 'nobody'
}

function mentions({ users, groups }: People): readonly string[] {
  return [...users.map((user) => `<@${user}>`), ...groups.map((group) => `<!subteam^${group}>`)]
}
