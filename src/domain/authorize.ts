import type { Person } from './event.ts'
import type { Incident } from './incident.ts'
import { currentInvestigation } from './incident.ts'
import type { RefusalReason, Remediation } from './remediation.ts'
import { isFinal } from './remediation.ts'
import type { Service } from './service.ts'

/** What was found out about a person, and about incbot itself, at the moment of asking. */
export interface Standing {
  /** Ids of the service's approver groups that the person is in; `unknown` when Slack could not say, and then only the static list counts. */
  readonly groups: readonly string[] | 'unknown'
  /** Who or what switched incbot off; undefined while it is on. */
  readonly switchedOff: string | undefined
}

/** Why this person may not change anything for this service; undefined when they may. */
export function personRefusal(person: Person, service: Service, standing: Standing): RefusalReason | undefined {
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
  const { users, groups } = service.approvers
  if (users.length === 0 && groups.length === 0) {
    return {
      code: 'nobody-may',
      text: `No approvers are configured for ${service.name}, so nobody may. Add some under \`approvers\` in incbot.yaml.`,
    }
  }
  if (users.includes(person.user)) return undefined
  const who = describeApprovers(service)
  if (standing.groups === 'unknown' && groups.length > 0) {
    return {
      code: 'cannot-tell',
      text: `Slack could not tell whether you are in ${who}, so this was not done. Try again, or ask somebody who is listed by name.`,
    }
  }
  if (standing.groups !== 'unknown' && standing.groups.some((group) => groups.includes(group))) return undefined
  return { code: 'not-approver', text: `You may not approve this for ${service.name}. Who may: ${who}.` }
}

/** Why this button no longer does anything; undefined when it does. */
export function proposalRefusal(incident: Incident, remediation: Remediation, now: number): RefusalReason | undefined {
  if (remediation.state !== 'proposed') {
    const how = isFinal(remediation.state) ? 'is over' : 'is already under way'
    return {
      code: 'already-used',
      text: `“${remediation.title}” was pressed before: it ${how}. Nothing was started a second time.`,
    }
  }
  if (now >= remediation.expiresAt) {
    return {
      code: 'expired',
      text: `This button has expired, because what it was offered for may have changed. Run \`/inc diagnose ${remediation.plan.target.service}\` for a fresh one.`,
    }
  }
  if (incident.status === 'resolved' && incident.origin === 'pagerduty') {
    return { code: 'incident-closed', text: 'This incident is resolved; nothing was started.' }
  }
  const current = currentInvestigation(incident)
  if (remediation.hypothesis !== undefined && current?.diagnosis?.leading?.id !== remediation.hypothesis) {
    return {
      code: 'diagnosis-changed',
      text: 'The diagnosis has changed since this was offered; nothing was started. Look at the newest one.',
    }
  }
  return undefined
}

/** "@mentions" of who may, in Slack's own notation: these ids come from the configuration, not from outside. */
export function describeApprovers(service: Service): string {
  const people = service.approvers.users.map((user) => `<@${user}>`)
  const groups = service.approvers.groups.map((group) => `<!subteam^${group}>`)
  return [...people, ...groups].join(', ') || 'nobody'
}
