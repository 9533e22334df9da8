import type { Incident } from '../domain/incident.ts'
import type { Runbook } from '../domain/runbook.ts'

export type Labels = Readonly<Record<string, string>> | 'unknown'

export type Selection =
  | { readonly runbooks: readonly [Runbook, ...Runbook[]]; readonly warnings: readonly string[] }
  | { readonly nothing: string }

/** What a choice of runbooks depends on. */
export type Occasion = Pick<Incident, 'origin' | 'title' | 'service' | 'urgency' | 'pagerduty'>

/**
 * The runbook for an incident: of those that match, the one that asks for most, so that a specific one beats a general one; ties by name.
 * A diagnosis that somebody asked for has no alert to choose by: all runbooks that fit the service are run, and the surest explanation counts.
 * A label match that cannot be decided (no token, PagerDuty silent) does not match, and the reason is said.
 */
export function selectRunbooks(runbooks: readonly Runbook[], incident: Occasion, labels: Labels): Selection {
  const { service } = incident
  if (service === undefined) {
    const name = incident.pagerduty?.serviceName ?? incident.title
    return {
      nothing: `“${name}” is not in the service catalogue. Add it under \`services\` in incbot.yaml, with PagerDuty id ${incident.pagerduty?.serviceId ?? 'of the service'}.`,
    }
  }
  const undecided: string[] = []
  const matching = runbooks.filter((runbook) => {
    const answer = matches(runbook, incident, service, labels)
    if (answer === 'unknown') undecided.push(runbook.name)
    return answer === true
  })
  const [best, ...others] = [...matching].sort((a, b) => demands(b) - demands(a) || a.name.localeCompare(b.name))
  const warnings = undecided.map((name) => `Runbook ${name} could not be considered: the alert's labels are unknown.`)
  if (best !== undefined) return { runbooks: incident.origin === 'command' ? [best, ...others] : [best], warnings }
  return {
    nothing: [
      `No runbook matches ${service}. Add one under runbooks/, or widen the \`match\` of one.`,
      ...warnings,
    ].join(' '),
  }
}

/** Whether any runbook needs the alerts' labels to be decided at all. */
export function needsLabels(runbooks: readonly Runbook[]): boolean {
  return runbooks.some((runbook) => Object.keys(runbook.match.labels).length > 0)
}

function matches(runbook: Runbook, incident: Occasion, service: string, labels: Labels): boolean | 'unknown' {
  const { match } = runbook
  if (match.services.length > 0 && !match.services.includes(service)) return false
  // A diagnosis that somebody asked for has no alert: title, urgency and labels cannot speak against it.
  if (incident.origin === 'command') return true
  if (match.title !== undefined && !new RegExp(match.title).test(incident.title)) return false
  if (match.urgency !== undefined && match.urgency !== incident.urgency) return false
  const wanted = Object.entries(match.labels)
  if (wanted.length === 0) return true
  if (labels === 'unknown') return 'unknown'
  return wanted.every(([name, pattern]) => new RegExp(pattern).test(labels[name] ?? ''))
}

function demands(runbook: Runbook): number {
  const { services, title, urgency, labels } = runbook.match
  return (
    (services.length > 0 ? 4 : 0) +
    (title === undefined ? 0 : 2) +
    (urgency === undefined ? 0 : 1) +
    Object.keys(labels).length
  )
}
