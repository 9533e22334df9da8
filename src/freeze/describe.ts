import { formatHours, formatTime } from '../domain/finding.ts'
import type { Freeze } from '../domain/freeze.ts'

const WHAT = { model: 'model deploys', workload: 'workload deploys', all: 'all deploys' } as const

/** A freeze as the gate tells it; times are ISO 8601 in UTC. */
export function describeFreeze({ scope, reason, by, since, until }: Freeze) {
  return { scope, reason, by, since: new Date(since).toISOString(), until: new Date(until).toISOString() }
}

/** "Model deploys of inference are frozen until 05:42 UTC, for 2 h since 03:42 UTC, by U1: memory. …" */
export function frozenMessage(freeze: Freeze, command: string): string {
  const { service, scope, reason, by, since, until } = freeze
  const what = WHAT[scope]
  const day = until - since > 12 * 3_600_000 ? `${new Date(until).toISOString().slice(0, 10)} ` : ''
  const span = `until ${day}${formatTime(until)} (${formatHours((until - since) / 3_600_000)} from ${formatTime(since)})`
  const why = reason === '' ? '' : `: ${reason.replace(/[\s.]+$/, '')}`
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} of ${service} are frozen ${span} by ${by}${why}. An approver can lift it in Slack with “${command} unfreeze ${service}”.`
}
