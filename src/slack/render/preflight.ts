import type { Plan, Preflight } from '../../domain/remediation.ts'
import { sentence } from './text.ts'

const MARKS = { failed: '✗', caution: '⚠', unknown: '?', passed: '✓' } as const
/** What needs reading comes first. */
const ORDER = ['failed', 'caution', 'unknown', 'passed'] as const
const SPELLED_OUT = 10

/** What was looked at before the offer: all of it named in one line, and what did not simply pass spelled out below, with what would fix it. */
export function preflightLines({ preflight = [] }: Plan): readonly string[] {
  if (preflight.length === 0) return []
  const said = ORDER.flatMap((verdict) => of(preflight, verdict).slice(0, verdict === 'passed' ? 0 : SPELLED_OUT))
  return [
    `Looked at before: ${ORDER.flatMap((verdict) => named(preflight, verdict)).join(' · ')}`,
    ...said.map(spelledOut),
  ]
}

/** "⚠ room on the nodes": what did not fail and did not simply pass either, by name; empty where everything did. For plain text. */
export function doubtsInWords({ preflight = [] }: Plan): string {
  const list = (verdict: 'caution' | 'unknown', intro: string): readonly string[] => {
    const found = of(preflight, verdict)
    return found.length === 0 ? [] : [`${intro}: ${found.map(({ what }) => what).join(', ')}.`]
  }
  return [...list('unknown', 'Not known'), ...list('caution', 'With caution')].join(' ')
}

function of(preflight: readonly Preflight[], verdict: Preflight['verdict']): readonly Preflight[] {
  return preflight.filter((one) => one.verdict === verdict)
}

function named(preflight: readonly Preflight[], verdict: Preflight['verdict']): readonly string[] {
  const found = of(preflight, verdict)
  return found.length === 0 ? [] : [`${MARKS[verdict]} ${found.map(({ what }) => sentence(what)).join(', ')}`]
}

function spelledOut({ what, verdict, text, fix }: Preflight): string {
  return `${MARKS[verdict]} *${sentence(what)}*: ${sentence(text)}${fix === undefined ? '' : ` ${sentence(fix)}`}`
}
