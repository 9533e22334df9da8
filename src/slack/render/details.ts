import type { Asked, Finding } from '../../domain/finding.ts'
import { formatTime } from '../../domain/finding.ts'
import type { Investigation } from '../../domain/incident.ts'
import type { Content } from './message.ts'
import { content } from './message.ts'
import { escapeInline, escapeText, sentence, shorten } from './text.ts'

const VERDICT = {
  problem: ':red_circle: problem',
  clear: ':large_green_circle: clear',
  unknown: ':white_circle: unknown',
} as const

const SHOWN_DETAILS = 12
const SHOWN_QUESTIONS = 6

/** The thread's account of an investigation: every check with its verdict, its numbers, and what was asked of whom. */
export function renderDetails(investigation: Investigation): Content {
  const intro = investigation.reason === 'verification' ? 'The same checks, afterwards' : 'What was checked'
  return content([`*${intro}*`, ...investigation.findings.map(finding)])
}

function finding(one: Finding): string {
  return [
    `*${sentence(one.title)}* · ${VERDICT[one.verdict]}`,
    sentence(one.headline),
    ...one.details.slice(0, SHOWN_DETAILS).map(sentence),
    ...one.asked.slice(0, SHOWN_QUESTIONS).map(asked),
  ].join('\n')
}

function asked({ source, query, asOf, tookMs, warnings }: Asked): string {
  const warned = warnings.length > 0 ? ` · warned: ${escapeInline(shorten(warnings.join('; '), 200))}` : ''
  return `> ${sentence(source)} at ${formatTime(asOf)}, ${Math.round(tookMs)} ms: \`${escapeText(shorten(query.slice(0, 1_000).replace(/[\s`]+/g, ' '), 220))}\`${warned}`
}
