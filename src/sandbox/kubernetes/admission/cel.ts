import type { CelInput } from '@bufbuild/cel'
import { celEnv, isCelError, parse, plan } from '@bufbuild/cel'
import type { Declarations } from './declarations.ts'
import { typeOf } from './expression-types.ts'

export type Bindings = Readonly<Record<string, CelInput>>
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

/** An expression that can be asked for its value. */
export interface Program {
  readonly text: string
  /** `dyn` where it depends on the values. */
  readonly type: string
  evaluate(bindings: Bindings): Outcome
}

/** Core CEL and nothing else: the real server knows more functions, but which depends on its version. */
const ENV = celEnv()

/** Throws an error with the compiler's complaint. */
export function compile(text: string, known: Declarations): Program {
  const { expr } = parse(text)
  const type = typeOf(expr, known, (name) => ENV.funcs.find(name))
  const run = plan(ENV, expr)
  return {
    text,
    type,
    evaluate(bindings) {
      const value = run(bindings)
      return isCelError(value) ? { ok: false, message: value.message } : { ok: true, value }
    },
  }
}

/** JSON in CEL's terms: whole numbers are ints, objects are maps, and what is absent is null. */
export function celValue(value: unknown): CelInput {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (typeof value !== 'object' || value === null) return null
  const fields = Object.entries(value).filter(([, part]) => part !== undefined)
  return new Map(fields.map(([name, part]) => [name, celValue(part)]))
}
