import { diagnoseOnce } from '../app/diagnose-once.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Finding } from '../domain/finding.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import { explanation } from './explain.ts'

interface Output {
  readonly stdout: { write(text: string): unknown }
}

/** Runs a service's runbook once and prints the diagnosis. 0: answered; 2: no check got an answer. Throws `ConfigurationError`. */
export async function diagnoseService(
  name: string,
  options: { readonly runbook?: string; readonly explain?: boolean },
  env: NodeJS.ProcessEnv,
  { stdout }: Output,
): Promise<number> {
  const { service, runbook, findings, diagnosis } = await diagnoseOnce(name, options.runbook, env)
  stdout.write(`${report(service, runbook, diagnosis, findings)}\n`)
  if (options.explain === true) stdout.write(`\n${explanation(runbook, diagnosis)}\n`)
  return diagnosis.answered === 0 ? 2 : 0
}

function report(service: Service, runbook: Runbook, diagnosis: Diagnosis, findings: readonly Finding[]): string {
  const { leading, conclusion, says, ruledOut, contradictions, now, fix, answered, asked } = diagnosis
  const sure = leading === undefined ? '' : ` (confidence ${leading.confidence.toFixed(2)})`
  return [
    `${service.name}, runbook ${runbook.name}: ${answered} of ${asked} checks answered`,
    '',
    `${conclusion}${sure}`,
    ...says.map((line) => `  ${line}`),
    ...(ruledOut.length > 0 ? [`  Unlikely: ${ruledOut.join('; ')}`] : []),
    ...contradictions.map((line) => `  Does not fit: ${line}`),
    ...now.map((line, index) => `  Now ${index + 1}: ${line}`),
    ...fix.map((line) => `  Fix: ${line}`),
    '',
    ...findings.map((one) => `${one.verdict.padEnd(7)}  ${one.title}: ${one.headline}`),
  ].join('\n')
}
