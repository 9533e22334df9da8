import { formatHours } from '../domain/finding.ts'
import type { Workload } from '../domain/service.ts'

const HOUR_MS = 3_600_000

/** Slack's limit for a button's text. */
const LONGEST_BUTTON = 75
/** What a dialog that asks once more has room for, beside the preflights that it names. */
const LONGEST_BLAST_RADIUS = 250

/** As people say it: "Deployment ml/web". */
export function describe({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`
}

/** As kubectl takes it: "-n ml deployment/web". */
export function forKubectl({ kind, namespace, name }: Workload): string {
  return `-n ${namespace} ${kind.toLowerCase()}/${name}`
}

/** "90 s", "2 min", "1.5 h". */
export function durationText(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : formatHours(ms / HOUR_MS)
}

/** "1 pod", "3 pods". */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}

/** A rate or an amount without digits that nobody measured: "1,680", "0.5". */
export function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 })
}

/** Names in a sentence; of many, the first ones and how many more there are. */
export function names(all: readonly string[], most = 5): string {
  const shown = all.slice(0, most).join(', ')
  return all.length > most ? `${shown} and ${all.length - most} more` : shown
}

/** With a full stop, whether it had one or not. A name may stand first, so its letters stay as they are. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** What the button says, for any length of name. */
export function buttonText(text: string): string {
  return text.slice(0, LONGEST_BUTTON)
}

/** One sentence for the dialog: what happens, and of what it costs as much as there is room for. */
export function blastRadius(what: string, costs: readonly string[]): string {
  const room = LONGEST_BLAST_RADIUS - 1
  const whole = costs.reduce((text, cost) => {
    const longer = `${text}; ${cost}`
    return longer.length > room ? text : longer
  }, what)
  return whole.length > room ? `${whole.slice(0, room)}…` : `${whole}.`
}
