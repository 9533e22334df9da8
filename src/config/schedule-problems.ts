import type { Check } from '../checks/check.ts'
import type { Runbook } from '../domain/runbook.ts'
import { USUAL_HOURS } from '../domain/schedule/working-hours.ts'
import { unknownReference, valueProblem } from './issues.ts'
import type { Path, Problem } from './problem.ts'
import { entries, field, items, keys, text } from './raw.ts'
import { minuteOf } from './to-schedule.ts'
import { parseYaml, type YamlDocument } from './yaml-document.ts'

/** What a schema cannot see of `schedule:` and `workingHours:`. */
export function scheduleProblems(document: YamlDocument): Problem[] {
  const services = field(document.value, 'services')
  const shared = field(document.value, 'workingHours')
  return [
    ...entries(field(document.value, 'schedule')).flatMap(([name, entry]) => [
      ...rhythmProblems(document, ['schedule', name], entry),
      ...items(field(entry, 'services')).flatMap(([index, service]) =>
        typeof service !== 'string' || keys(services).includes(service)
          ? []
          : [unknownReference(document, ['schedule', name, 'services', index], service, 'service', keys(services))],
      ),
    ]),
    ...hoursProblems(document, ['workingHours'], shared, undefined),
    ...entries(services).flatMap(([name, service]) =>
      hoursProblems(document, ['services', name, 'workingHours'], field(service, 'workingHours'), shared),
    ),
  ]
}

function rhythmProblems(document: YamlDocument, path: Path, entry: unknown): Problem[] {
  const given = (key: string): boolean => field(entry, key) !== undefined
  const atEntry = (message: string, fix: string): Problem[] => [
    { ...valueProblem(document, path, message), ...document.locateKey(path), fix },
  ]
  if (given('cron') && given('every')) return atEntry('has both cron and every', 'Keep one of them.')
  if (!given('cron') && !given('every'))
    return atEntry('does not say when', "Add every, such as 15m, or cron, such as '0 3 * * *'.")
  if (!given('timeZone') || given('cron')) return []
  const fix = 'Leave it away: every goes by time that passes, the same everywhere.'
  return [{ ...valueProblem(document, [...path, 'timeZone'], 'is not used: only cron goes by a clock'), fix }]
}

/** A stretch that ends before it begins would go past midnight, and nobody could say to which day it belongs. */
function hoursProblems(document: YamlDocument, path: Path, own: unknown, shared: unknown): Problem[] {
  if (own === undefined) return []
  const said = (key: string): number | undefined =>
    minuteOf(text(field(own, key))) ?? minuteOf(text(field(shared, key)))
  const [from, to] = [said('from') ?? USUAL_HOURS.fromMinute, said('to') ?? USUAL_HOURS.toMinute]
  if (from < to) return []
  const key = field(own, 'to') === undefined ? 'from' : 'to'
  const problem = valueProblem(document, [...path, key], 'working hours must end after they begin, on the same day')
  return [{ ...problem, fix: 'Write a night shift as the part before midnight, to: "24:00".' }]
}

/**
 * References of `schedule:` to runbooks that are not there, do not take the service, or cannot foresee anything. For linting: a bot that runs
 * says the same where it shows, since its runbooks may be reloaded. `foretells` says whether a check can foresee a limit.
 */
export function scheduledRunbookProblems(
  file: string,
  content: string,
  runbooks: readonly Runbook[],
  foretells: (check: Check['name']) => boolean,
): Problem[] {
  const yaml = parseYaml(file, content)
  if (!yaml.ok) return []
  const { document } = yaml
  return entries(field(document.value, 'schedule')).flatMap(([name, entry]): Problem[] => {
    const wanted = text(field(entry, 'runbook'))
    if (wanted === undefined) return []
    const path = ['schedule', name, 'runbook']
    const runbook = runbooks.find((one) => one.name === wanted)
    if (runbook === undefined) {
      const known = runbooks.map((one) => one.name)
      return [unknownReference(document, path, wanted, 'runbook', known)]
    }
    if (!runbook.checks.some(({ check }) => foretells(check))) {
      const message = `the runbook "${wanted}" has no check that foresees a limit, so it can never open a pre-alert`
      return [{ ...valueProblem(document, path, message), fix: 'Add memory-trend to its checks.' }]
    }
    const { services: taken } = runbook.match
    return items(field(entry, 'services')).flatMap(([index, service]) => {
      if (typeof service !== 'string' || taken.length === 0 || taken.includes(service)) return []
      const message = `the runbook "${wanted}" is for ${taken.join(', ')} only`
      return [valueProblem(document, ['schedule', name, 'services', index], message)]
    })
  })
}
