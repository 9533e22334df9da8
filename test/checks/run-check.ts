import type { Check, CheckContext } from '../../src/checks/check.ts'
import { signalsOf } from '../../src/checks/check.ts'
import type { FindingBody } from '../../src/domain/finding.ts'
import { formatFact } from '../../src/domain/finding.ts'

/** Runs a check as a runbook would, and holds what it returns against what it declares. */
export async function runCheck(check: Check, context: CheckContext, written: object = {}): Promise<FindingBody> {
  const body = await check.run(context, check.parameters.parse(written))
  const declared = signalsOf(check, written)
  for (const [group, value] of Object.entries(body.signals)) {
    if (declared?.[group]?.includes(value) !== true) throw new Error(`${check.name} does not declare ${group}=${value}`)
  }
  const ids = body.facts.map((one) => one.id)
  if (new Set(ids).size !== ids.length) throw new Error(`${check.name} states a fact twice: ${ids.join(', ')}`)
  for (const id of ids) if (!check.facts.includes(id)) throw new Error(`${check.name} does not declare the fact ${id}`)
  for (const { id, value, interval } of body.facts) {
    if (interval !== undefined && typeof value === 'number' && !(interval.low <= value && value <= interval.high))
      throw new Error(`${check.name} states ${id} outside its own interval`)
  }
  return body
}

/** Facts as people read them, by id. */
export function written(body: FindingBody, units: 'decimal' | 'binary' = 'decimal'): Record<string, string> {
  return Object.fromEntries(body.facts.map((one) => [one.id, formatFact(one, units)]))
}
