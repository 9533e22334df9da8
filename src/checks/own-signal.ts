import { z } from 'zod'
import type { Signals } from './check.ts'

const token = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, {
  error: 'expected a word of lower-case letters, digits and underscores, such as queue_long',
})

/** The signal of a general check, named by the runbook that uses it. */
export const ownSignal = z
  .strictObject({
    group: token.describe('Evidence group, as the hypotheses name it.'),
    problem: token.describe('Its value when the check finds a problem.'),
    clear: token.describe('Its value when it does not.'),
  })
  .describe('What the check emits for ranking; nothing where absent.')

export type OwnSignal = z.output<typeof ownSignal>

export function ownSignals({ signal }: { readonly signal?: OwnSignal }): Signals {
  return signal === undefined ? {} : { [signal.group]: [signal.problem, signal.clear] }
}

export function emitted(signal: OwnSignal | undefined, isProblem: boolean): Readonly<Record<string, string>> {
  return signal === undefined ? {} : { [signal.group]: isProblem ? signal.problem : signal.clear }
}
