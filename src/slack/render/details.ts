import type { Asked, Finding } from '../../domain/finding.ts'
import { formatTime } from '../../domain/finding.ts'
import type { Investigation } from '../../domain/incident.ts'
import type { Content } from './message.ts'
import { content } from './message.ts'
import { escapeInline, escapeText, shorten } from './text.ts'

const VERDICT = {
  problem: ':red_circle: problem',
  clear: ':large_green_circle: clear',
  unknown: ':white_circle: unknown',
} as const

/** The thread's account of an investigation: every check with its verdict, its numbers, and what was asked of whom. */
export function renderDetails(investigation: Investigation): Content {
  const intro = investigation.reason === 'verification' ? 'The same checks, afterwards' : 'What was checked'
  return content([`*${intro}*`, ...investigation.findings.map(finding)])
}

function finding(one: Finding): string {
  return [
    `*${escapeInline(one.title)}* · ${VERDICT[one.verdict]}`,
    escapeInline(one.headline),
    ...one.details.map((line) => escapeInline(line)),
    ...one.asked.slice(0, 6).map(asked),
  ].join('\n')
}

function asked({ source, query, asOf, tookMs, warnings }: Asked): string {
  const warned = warnings.length > 0 ? ` · warned: ${escapeInline(shorten(warnings.join('; '), 200))}` : ''
  return `> ${escapeInline(source)} at ${formatTime(asOf)}, ${Math.round(tookMs)} ms: \`${escapeText(shorten(query.replace(/[\s`]+/g, ' '), 220))}\`${warned}`
}
