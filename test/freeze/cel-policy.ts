import type { CelInput } from '@bufbuild/cel'
import { celEnv, isCelError, parse, plan } from '@bufbuild/cel'
import { z } from 'zod'
import type { Manifest } from '../../src/freeze/admission-policy.ts'

const expression = z.object({ name: z.string(), expression: z.string() })
const policySpec = z.object({
  matchConditions: z.array(expression),
  variables: z.array(expression),
  validations: z.array(
    z.object({ expression: z.string(), messageExpression: z.string(), message: z.string(), reason: z.string() }),
  ),
})

export interface Review {
  readonly object: object
  /** Absent for what is created. */
  readonly oldObject?: object | undefined
  readonly username: string
  readonly namespace?: string
  readonly kind?: string
  /** The ConfigMap that the binding names; absent where there is none. */
  readonly params?: object
}

/** What an API server answers by the policy's CEL; the expressions run in an independent implementation of the language. */
export function judge(policy: Manifest, review: Review): string {
  const { matchConditions, variables, validations } = policySpec.parse(policy.spec)
  if (review.params === undefined) return 'allowed'
  const bindings: Record<string, CelInput> = {
    object: cel(review.object),
    oldObject: cel(review.oldObject ?? null),
    params: cel(review.params),
    request: cel({
      namespace: review.namespace ?? 'default',
      operation: review.oldObject === undefined ? 'CREATE' : 'UPDATE',
      kind: { group: 'apps', version: 'v1', kind: review.kind ?? 'Deployment' },
      userInfo: { username: review.username },
    }),
  }
  if (matchConditions.some((condition) => run(condition.expression, bindings) !== true)) return 'allowed'
  const computed = new Map<string, CelInput>()
  for (const { name, expression: text } of variables) {
    computed.set(name, run(text, { ...bindings, variables: computed }))
  }
  const refusing = validations.find((one) => run(one.expression, { ...bindings, variables: computed }) !== true)
  if (refusing === undefined) return 'allowed'
  const said = run(refusing.messageExpression, { ...bindings, variables: computed })
  return `${refusing.reason}: ${typeof said === 'string' && !/\n/.test(said) ? said : refusing.message}`
}

/** All expressions of the policy. */
export function expressionsOf(policy: Manifest): readonly string[] {
  const { matchConditions, variables, validations } = policySpec.parse(policy.spec)
  return [
    ...[...matchConditions, ...variables, ...validations].map((one) => one.expression),
    ...validations.map((one) => one.messageExpression),
  ]
}

/** Every function and operator that is called; what is no macro of the core stands there as a function. */
export function functionsIn(text: string): readonly string[] {
  const functions: string[] = []
  JSON.stringify(parse(text).expr, (key, value: unknown) => {
    if (key === 'function') functions.push(String(value))
    return typeof value === 'bigint' ? String(value) : value
  })
  return functions
}

const env = celEnv()

function run(text: string, bindings: Record<string, CelInput>) {
  const result = plan(env, parse(text))(bindings)
  if (isCelError(result)) throw new Error(`${text}: ${result.message}`)
  return result
}

/** JSON as the API server hands it to CEL: whole numbers are ints, objects are maps. */
function cel(value: unknown): CelInput {
  if (Array.isArray(value)) return value.map(cel)
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'object') return new Map(Object.entries(value).map(([key, part]) => [key, cel(part)]))
  throw new Error(`${typeof value} is not JSON`)
}
