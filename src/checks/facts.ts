import type { Fact, Unit } from '../domain/finding.ts'

/** A fact, or nothing where its value is not known. */
export function fact(
  id: string,
  label: string,
  unit: Unit,
  value: number | string | undefined,
  interval?: Fact['interval'],
): readonly Fact[] {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return []
  return [{ id, label, value, unit, ...(interval && { interval }) }]
}
