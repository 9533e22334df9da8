import type { Exemption } from '../domain/freeze.ts'
import { coversWorkloads } from '../domain/freeze.ts'
import type { Workload } from '../domain/service.ts'
import { frozenMessage } from './describe.ts'
import type { GuardedFreeze } from './guard.ts'

/** The one ConfigMap that the admission policy reads. It lies in incbot's own namespace, so that whoever is frozen cannot lift it. */
export const FREEZES = 'incbot-freezes'

export const POLICY = 'incbot-freeze'

/** A change that carries this annotation is judged although incbot makes it: that is how incbot tries whether the policy holds. */
export const PROBE_ANNOTATION = 'incbot.dev/probe'

/** By this label a workload says which deploy it is. */
export const DEPLOY_LABEL = 'incbot.dev/deploy'

/**
 * Keys are the prefix and `<namespace>.<Kind>.<name>`. Namespaces and kinds have no dots, so no two workloads share a key.
 * `frozen.`: what whoever is refused reads. `until.`: for people only, as a policy has no clock. `exempt.`: "|key=value|key2=value2|".
 */
export const PREFIXES = { frozen: 'frozen.', until: 'until.', exempt: 'exempt.' } as const

/** What the API server takes as a key of a ConfigMap. */
const LONGEST_KEY = 253

/** A policy's message is dropped beyond 5 KiB; a person stops reading long before. */
const LONGEST_SENTENCE = 1_000

/** No object could carry anything else, and a `|` in it would exempt something that nobody meant. */
const LABEL = /^[\w./-]+=[\w.-]+$/

/** The data with which the policy enforces exactly these freezes. Where several hold a workload, what all of them exempt is exempted. */
export function admissionData(freezes: readonly GuardedFreeze[], command: string): ReadonlyMap<string, string> {
  const data = new Map<string, string>()
  for (const [key, held] of byWorkload(freezes)) {
    const [longest] = held.toSorted((left, right) => right.freeze.until - left.freeze.until)
    if (longest === undefined) continue
    const labels = exemptedLabels(held)
    data.set(`${PREFIXES.frozen}${key}`, sentence(longest, labels, command))
    data.set(`${PREFIXES.until}${key}`, new Date(longest.freeze.until).toISOString())
    if (labels.length > 0) data.set(`${PREFIXES.exempt}${key}`, `|${labels.join('|')}|`)
  }
  return data
}

/** Whether a key of the ConfigMap is incbot's to write and to remove. */
export function isAdmissionKey(key: string): boolean {
  return Object.values(PREFIXES).some((prefix) => key.startsWith(prefix))
}

/** A workload with an extraordinarily long name has no key that the API server takes. */
export function hasAdmissionKey(workload: Workload): boolean {
  return PREFIXES.frozen.length + admissionKey(workload).length <= LONGEST_KEY
}

/** The labels, as "key=value", that let an object through this freeze. What cannot be a label is left out. */
export function exemptedLabelsOf({ freeze }: GuardedFreeze): readonly string[] {
  return (freeze.exemptions ?? []).map(labelOf).filter((label) => LABEL.test(label))
}

function admissionKey({ namespace, kind, name }: Workload): string {
  return `${namespace}.${kind}.${name}`
}

function byWorkload(freezes: readonly GuardedFreeze[]): ReadonlyMap<string, readonly GuardedFreeze[]> {
  const held = new Map<string, GuardedFreeze[]>()
  for (const one of freezes.filter(({ freeze }) => coversWorkloads(freeze))) {
    for (const workload of one.workloads.filter(hasAdmissionKey)) {
      const key = admissionKey(workload)
      held.set(key, [...(held.get(key) ?? []), one])
    }
  }
  return held
}

function exemptedLabels(held: readonly GuardedFreeze[]): readonly string[] {
  const [first = [], ...others] = held.map(exemptedLabelsOf)
  return [...new Set(first)].filter((label) => others.every((labels) => labels.includes(label)))
}

function labelOf({ kind, value }: Exemption): string {
  return kind === 'deploy' ? `${DEPLOY_LABEL}=${value}` : value
}

/** In one line: the API server drops a message with line breaks and says its own instead. */
function sentence({ freeze }: GuardedFreeze, labels: readonly string[], command: string): string {
  const exempted = labels.length === 0 ? '' : ` Exempted: what carries the label ${labels.join(' or ')}.`
  const ask = ` One deploy that cannot wait: “${command} exempt ${freeze.service}”.${exempted}`
  const said = frozenMessage({ ...freeze, reason: clipped(freeze.reason, LONGEST_SENTENCE / 2) }, command)
  return clipped(`${said}${ask}`, LONGEST_SENTENCE)
}

function clipped(text: string, longest: number): string {
  const line = text.replace(/[\p{White_Space}\p{Cc}]+/gu, ' ')
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`
}
