import { diagnose } from '../analysis/diagnose.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Finding } from '../domain/finding.ts'
import type { CheckSpec, Runbook } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import { runChecks } from './run-checks.ts'

/** A runbook, what its checks found, and what that means. */
export interface RunbookResult {
  readonly runbook: Runbook
  readonly findings: readonly Finding[]
  readonly diagnosis: Diagnosis
}

export interface RunOptions {
  /** What the alert says, for comparison with what was measured; asked when the checks have ended. */
  readonly alert: () => Promise<readonly string[]>
  readonly signal: AbortSignal
  readonly onFinding?: (done: number, total: number) => void
}

/** How many checks these runbooks run together; the same check with the same parameters runs once. */
export function distinctChecks(runbooks: readonly Runbook[]): readonly CheckSpec[] {
  return [...new Map(runbooks.flatMap((runbook) => runbook.checks).map((spec) => [keyOf(spec), spec])).values()]
}

/**
 * Runs the checks of one or several runbooks side by side and returns the one whose explanation is surest; where none has any, the one
 * that found most problems. `runbooks` holds at least one.
 */
export async function runRunbooks(
  ports: Parameters<typeof runChecks>[0],
  service: Service,
  runbooks: readonly [Runbook, ...Runbook[]],
  { alert, signal, onFinding = () => {} }: RunOptions,
): Promise<RunbookResult> {
  const specs = distinctChecks(runbooks)
  const at = ports.now()
  const found = await runChecks(ports, service, specs, signal, onFinding)
  const occasion = { at, alert: await alert() }
  const byKey = new Map(specs.map((spec, index) => [keyOf(spec), found[index]]))
  const resultOf = (runbook: Runbook): RunbookResult => {
    const findings = runbook.checks.flatMap((spec) => byKey.get(keyOf(spec)) ?? [])
    return { runbook, findings, diagnosis: diagnose(runbook, findings, service.units, occasion) }
  }
  const [first, ...others] = runbooks
  return others.map(resultOf).reduce((best, one) => (surer(one, best) ? one : best), resultOf(first))
}

function surer(one: RunbookResult, best: RunbookResult): boolean {
  const sure = (result: RunbookResult) => result.diagnosis.leading?.confidence ?? 0
  const problems = (result: RunbookResult) => result.findings.filter(({ verdict }) => verdict === 'problem').length
  return sure(one) === sure(best) ? problems(one) > problems(best) : sure(one) > sure(best)
}

function keyOf({ id, check, parameters }: CheckSpec): string {
  return JSON.stringify([id, check, parameters])
}
