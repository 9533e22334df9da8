import { compile, type Program } from './cel.ts'
import { type Declarations, declarations, withVariables } from './declarations.ts'
import type { NamedExpression, ValidatingAdmissionPolicy, Validation } from './policy.ts'

export interface NamedProgram {
  readonly name: string
  readonly program: Program
}

export interface CompiledValidation {
  readonly program: Program
  readonly says: Program | undefined
  readonly validation: Validation
}

export interface CompiledPolicy {
  readonly conditions: readonly NamedProgram[]
  readonly variables: readonly NamedProgram[]
  readonly validations: readonly CompiledValidation[]
}

/** What is told of an expression that cannot be used. */
export type Complain = (field: string, expression: string, why: string) => void

/** Compiles all expressions; those that cannot be are complained of and left out. */
export function compilePolicy(spec: ValidatingAdmissionPolicy['spec'], complain: Complain): CompiledPolicy {
  const known = declarations({ params: spec.paramKind !== undefined })
  const attempt = (
    field: string,
    text: string,
    wanted: string | undefined,
    names: Declarations,
  ): Program | undefined => {
    try {
      const program = compile(text, names)
      if (wanted === undefined || program.type === wanted) return program
      complain(field, text, `must evaluate to ${wanted}`)
    } catch (error) {
      complain(field, text, `compilation failed: ERROR: ${error instanceof Error ? error.message : String(error)}`)
    }
    return undefined
  }

  // Variables are computed after the conditions, which therefore cannot name them; each may name those before it.
  const conditions = (spec.matchConditions ?? []).flatMap(({ name, expression }, index): NamedProgram[] => {
    const program = attempt(`spec.matchConditions[${index}].expression`, expression, 'bool', known)
    return program === undefined ? [] : [{ name, program }]
  })
  const types = new Map<string, string>()
  const variables = (spec.variables ?? []).flatMap(({ name, expression }: NamedExpression, index): NamedProgram[] => {
    const program = attempt(`spec.variables[${index}].expression`, expression, undefined, withVariables(known, types))
    types.set(name, program?.type ?? 'dyn')
    return program === undefined ? [] : [{ name, program }]
  })
  const names = withVariables(known, types)
  const validations = spec.validations.flatMap((validation, index): CompiledValidation[] => {
    const { expression, messageExpression } = validation
    const field = `spec.validations[${index}]`
    const program = attempt(`${field}.expression`, expression, 'bool', names)
    const says =
      messageExpression === undefined
        ? undefined
        : attempt(`${field}.messageExpression`, messageExpression, 'string', names)
    return program === undefined ? [] : [{ program, says, validation }]
  })
  return { conditions, variables, validations }
}
