import { formatHours, formatTime } from '../domain/finding.ts'
import type { Exemption, Freeze } from '../domain/freeze.ts'

const WHAT = { model: 'model deploys', workload: 'workload deploys', all: 'all deploys' } as const

/** A freeze as the gate tells it; times are ISO 8601 in UTC. */
export function describeFreeze({ scope, reason, by, since, until }: Freeze) {
  return { scope, reason, by, since: new Date(since).toISOString(), until: new Date(until).toISOString() }
}

export function describeExemption({ kind, value, reason, by, at }: Exemption) {
  return { kind, value, reason, by, at: new Date(at).toISOString() }
}

/** "Model deploys of inference are frozen until 05:42 UTC, for 2 h since 03:42 UTC, by U1: memory. …" */
export function frozenMessage(freeze: Freeze, command: string): string {
  return `${frozen(freeze)}. An approver can lift it in Slack with “${command} unfreeze ${freeze.service}”.`
}

/** What the gate tells a pipeline whose deploy it refuses; `deploy` is what the pipeline calls it. */
export function refusedMessage(freeze: Freeze, deploy: string | undefined, command: string): string {
  // A name with a space could not be typed in Slack.
  const which = deploy !== undefined && /^\S+$/.test(deploy) ? ` deploy ${deploy}` : ''
  const ask = `One deploy that cannot wait: “${command} exempt ${freeze.service}${which}” with a reason.`
  return onOneLine(`${frozenMessage(freeze, command)} ${ask}`)
}

/** What the gate tells a pipeline whose deploy may pass although others may not. */
export function exemptMessage(freeze: Freeze, { kind, value, reason, by }: Exemption): string {
  return onOneLine(`${frozen(freeze)}; ${kind} ${value} may pass, exempted by ${by}: ${unstopped(reason)}.`)
}

/** Without what could reverse a line or begin another one: pipelines print it into logs that read commands at the start of a line. */
function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}

function frozen({ service, scope, reason, by, since, until }: Freeze): string {
  const what = WHAT[scope]
  const day = until - since > 12 * 3_600_000 ? `${new Date(until).toISOString().slice(0, 10)} ` : ''
  const span = `until ${day}${formatTime(until)} (${formatHours((until - since) / 3_600_000)} from ${formatTime(since)})`
  const why = reason === '' ? '' : `: ${unstopped(reason)}`
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} of ${service} are frozen ${span} by ${by}${why}`
}

const unstopped = (text: string): string => text.replace(/[\s.]+$/, '')
