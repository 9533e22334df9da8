import { z } from 'zod'
import { line } from '../config/fields.ts'
import type { Unit } from '../domain/finding.ts'
import { formatFact } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'

/** Parameters that checks of any number share. */
export const numberParameters = {
  what: line.describe('What the value is, as it begins a sentence: "Queue length".'),
  unit: z
    .enum(['number', 'count', 'share', 'bytes', 'perSecond', 'perHour', 'seconds', 'hours', 'factor'])
    .default('number')
    .describe('How values are written; share takes 0.5 for 50 %.'),
  above: z.number().describe('A value above this is a problem.').exactOptional(),
  below: z.number().describe('A value below this is a problem.').exactOptional(),
  severity: z.enum(['critical', 'high', 'medium', 'low']).default('medium').describe('Of the problem.'),
}

export interface Limits {
  readonly above?: number
  readonly below?: number
}

/** Which limit a value breaks. */
export function brokenLimit(value: number, { above, below }: Limits): 'above' | 'below' | undefined {
  if (above !== undefined && value > above) return 'above'
  return below !== undefined && value < below ? 'below' : undefined
}

/** A value as people read it. */
export function written(value: number, unit: Unit, { units }: Service): string {
  return formatFact({ id: '', label: '', value, unit }, units)
}

/** "above 100", "not above 100", "between 1 and 100". */
export function againstLimits(value: number, limits: Limits, write: (value: number) => string): string {
  const { above, below } = limits
  const broken = brokenLimit(value, limits)
  if (broken === 'above' && above !== undefined) return `above ${write(above)}`
  if (broken === 'below' && below !== undefined) return `below ${write(below)}`
  if (above !== undefined && below !== undefined) return `between ${write(below)} and ${write(above)}`
  return above === undefined ? `not below ${write(below ?? value)}` : `not above ${write(above)}`
}
