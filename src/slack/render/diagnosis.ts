import type { Diagnosis } from '../../domain/diagnosis.ts'
import { describeConfidence, sentence } from './text.ts'

/** The diagnosis in the order in which it is needed at 3 a.m.: conclusion, numbers, what it is not, what nobody knows, what to do. */
export function diagnosisParagraphs(diagnosis: Diagnosis): readonly string[] {
  return [headline(diagnosis), body(diagnosis), advice(diagnosis)]
}

function headline({ leading, conclusion, answered, asked }: Diagnosis): string {
  const checks = `${answered} of ${asked} checks answered`
  const sure = leading === undefined ? '' : ` · confidence ${describeConfidence(leading.confidence)}`
  return `*${sentence(conclusion)}*${sure} · ${checks}`
}

function body({ says, ruledOut, contradictions, unknown }: Diagnosis): string {
  return [
    ...says.map(sentence),
    ...(ruledOut.length > 0 ? [`Unlikely: ${ruledOut.map(sentence).join('; ')}.`] : []),
    ...contradictions.map((text) => `:warning: ${sentence(text)}`),
    ...unknown.map((text) => `Unknown: ${sentence(text)}`),
  ].join('\n')
}

function advice({ now, fix }: Diagnosis): string {
  const numbered = now.map((step, index) => `${index + 1}) ${sentence(step).replace(/\.$/, '')}`).join('; ')
  return [
    ...(now.length > 0 ? [`*Now:* ${numbered}.`] : []),
    ...(fix.length > 0 ? [`*Fix:* ${fix.map(sentence).join(' ')}`] : []),
  ].join('\n')
}
