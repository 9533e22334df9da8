import type { CelInput } from '@bufbuild/cel'
import type { Bindings, Outcome, Program } from './cel.ts'
import type { CompiledPolicy, CompiledValidation } from './compile-policy.ts'

/** A message longer than this, or with a line break in it, is not used. */
const LONGEST_MESSAGE = 5 * 1024

/** Why a write is refused. `failed`: an expression had no value, so that the failure policy decides. */
export interface Refusal {
  readonly text: string
  readonly reason?: string | undefined
  readonly failed: boolean
}

/** What a policy says of one write: undefined when it does not refuse. */
export function decide(
  { conditions, variables, validations }: CompiledPolicy,
  bindings: Bindings,
): Refusal | undefined {
  const asked = conditions.map(({ program }) => ({ program, outcome: program.evaluate(bindings) }))
  if (asked.some(({ outcome }) => outcome.ok && outcome.value !== true)) return undefined
  const unanswered = asked.find(({ outcome }) => !outcome.ok)
  if (unanswered) return failure(unanswered.program, unanswered.outcome)

  // The real server computes a variable when it is named; one without a value then fails who names it, as an absent field does here.
  const computed = new Map<string, CelInput>()
  const all: Bindings = { ...bindings, variables: computed }
  for (const { name, program } of variables) {
    const outcome = program.evaluate(all)
    // What an expression returns can be handed to another one.
    if (outcome.ok) computed.set(name, outcome.value as CelInput)
  }
  for (const validation of validations) {
    const refusal = refusalOf(validation, all)
    if (refusal) return refusal
  }
  return undefined
}

function refusalOf({ program, says, validation }: CompiledValidation, bindings: Bindings): Refusal | undefined {
  const outcome = program.evaluate(bindings)
  if (!outcome.ok) return failure(program, outcome)
  if (outcome.value === true) return undefined
  const text =
    usable(says?.evaluate(bindings)) ?? validation.message?.trim() ?? `failed expression: ${program.text.trim()}`
  return { text, reason: validation.reason, failed: false }
}

function usable(said: Outcome | undefined): string | undefined {
  if (!said?.ok || typeof said.value !== 'string') return undefined
  const text = said.value.trim()
  return text === '' || text.length > LONGEST_MESSAGE || text.includes('\n') ? undefined : text
}

const failure = (program: Program, outcome: Outcome): Refusal => ({
  text: `expression '${program.text}' resulted in error: ${outcome.ok ? '' : outcome.message}`,
  failed: true,
})
