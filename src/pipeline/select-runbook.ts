import { readPattern } from '../config/pattern.ts'
import { type Incident, isAlarm } from '../domain/incident.ts'
import type { Runbook } from '../domain/runbook.ts'

export type Labels = Readonly<Record<string, string>> | 'unknown'

export type Selection =
  | { readonly runbooks: readonly [Runbook, ...Runbook[]]; readonly warnings: readonly string[] }
  | { readonly nothing: string }

/** What a choice of runbooks depends on. */
export type Occasion = Pick<Incident, 'origin' | 'title' | 'service' | 'urgency' | 'pagerduty' | 'alert'>

/**
 * The runbook for an incident: of those that match, the one that asks for most, so that a specific one beats a general one; ties by name.
 * A diagnosis that somebody asked for has no alert to choose by: all runbooks that fit the service are run, and the surest explanation counts.
 * A label match that cannot be decided (no token, PagerDuty silent) does not match, and the reason is said.
 */
export function selectRunbooks(runbooks: readonly Runbook[], incident: Occasion, labels: Labels): Selection {
  const { service } = incident
  if (service === undefined) return { nothing: notInCatalogue(incident) }
  const { matching, undecided } = sorted(runbooks, incident, service, labels)
  const [best, ...others] = matching
  const warnings = undecided.map(
    ({ name }) => `Runbook ${name} could not be considered: the alert's labels are unknown.`,
  )
  if (best !== undefined) return { runbooks: isAlarm(incident) ? [best] : [best, ...others], warnings }
  return {
    nothing: [
      `No runbook matches ${service}. Add one under runbooks/, or widen the \`match\` of one.`,
      ...warnings,
    ].join(' '),
  }
}

/**
 * The name of the runbook that an alert means, as far as that can be said without asking anybody; '' where none matches. Undefined where
 * one that would come first cannot be decided.
 */
export function meantRunbook(runbooks: readonly Runbook[], incident: Occasion, labels: Labels): string | undefined {
  const { service } = incident
  if (service === undefined) return ''
  const { matching, undecided } = sorted(runbooks, incident, service, labels)
  const [best] = matching
  const open = undecided.some((one) => best === undefined || firstOfAll(one, best) < 0)
  return open ? undefined : (best?.name ?? '')
}

/** Runbooks that match, the one that asks for most first, and those of which it is not known. */
function sorted(runbooks: readonly Runbook[], incident: Occasion, service: string, labels: Labels) {
  const answers = runbooks.map((runbook) => ({ runbook, answer: matches(runbook, incident, service, labels) }))
  const which = (wanted: boolean | 'unknown') =>
    answers.filter(({ answer }) => answer === wanted).map(({ runbook }) => runbook)
  return { matching: which(true).sort(firstOfAll), undecided: which('unknown') }
}

function firstOfAll(left: Runbook, right: Runbook): number {
  return demands(right) - demands(left) || left.name.localeCompare(right.name)
}

function notInCatalogue({ title, pagerduty, alert }: Occasion): string {
  if (alert !== undefined) {
    return `“${alert.serviceName}” is not in the service catalogue. Add it under \`services\` in incbot.yaml, with the labels of its alerts as \`alerts\`.`
  }
  const name = pagerduty?.serviceName ?? title
  return `“${name}” is not in the service catalogue. Add it under \`services\` in incbot.yaml, with PagerDuty id ${pagerduty?.serviceId ?? 'of the service'}.`
}

/** Whether any runbook needs the alerts' labels to be decided at all. */
export function needsLabels(runbooks: readonly Runbook[]): boolean {
  return runbooks.some((runbook) => Object.keys(runbook.match.labels).length > 0)
}

function matches(runbook: Runbook, incident: Occasion, service: string, labels: Labels): boolean | 'unknown' {
  const { match } = runbook
  if (match.services.length > 0 && !match.services.includes(service)) return false
  // What somebody asked for, or a schedule, has no alert: title, urgency and labels cannot speak against it.
  if (!isAlarm(incident)) return true
  if (match.title !== undefined && !readPattern(match.title).test(incident.title)) return false
  if (match.urgency !== undefined && match.urgency !== incident.urgency) return false
  const wanted = Object.entries(match.labels)
  if (wanted.length === 0) return true
  if (labels === 'unknown') return 'unknown'
  return wanted.every(([name, pattern]) => readPattern(pattern).test(own(labels, name) ?? ''))
}

/** What every object inherits, such as `constructor`, is no label. */
function own(labels: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
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
