import { z } from 'zod'
import type { Path } from './problem.ts'
import { entries, field, items } from './raw.ts'

type Schema = z.core.$ZodType

/** The definition of a schema; zod's own classes are the only ones there are. */
function definition(schema: Schema): z.core.$ZodTypes['_zod']['def'] {
  return (schema as z.core.$ZodTypes)._zod.def // zod's documented way to tell its classes apart
}

/** The schema inside wrappers such as optional, default and transform; of a union the branch that `value` is meant for. */
function inner(schema: Schema, value: unknown): Schema | undefined {
  const def = definition(schema)
  if ('innerType' in def) return def.innerType
  if (def.type === 'pipe') return definition(def.in).type === 'transform' ? def.out : def.in
  return def.type === 'union' ? branch(def, value) : undefined
}

function branch(def: z.core.$ZodUnionDef, value: unknown): Schema | undefined {
  const key = (def as Partial<z.core.$ZodDiscriminatedUnionDef>).discriminator // absent in a plain union
  if (key === undefined) return def.options.find((option) => z.safeParse(option, value).success) ?? def.options[0]
  return def.options.find((option) => {
    const own = shape(option, value)?.[key]
    return own !== undefined && z.safeParse(own, field(value, key)).success
  })
}

function innermost(schema: Schema, value: unknown): Schema {
  const next = inner(schema, value)
  return next === undefined ? schema : innermost(next, value)
}

function shape(schema: Schema, value: unknown): Readonly<Record<string, Schema>> | undefined {
  const def = definition(innermost(schema, value))
  return def.type === 'object' ? def.shape : undefined
}

function below(schema: Schema, value: unknown, step: string | number): Schema | undefined {
  const def = definition(innermost(schema, value))
  if (def.type === 'object') return Object.hasOwn(def.shape, step) ? def.shape[step] : undefined
  if (def.type === 'array') return def.element
  if (def.type === 'record') return def.valueType
  return undefined
}

/** The keys that a mapping at `path` of `value` may have; none where the schema names no keys. */
export function allowedKeys(schema: Schema, value: unknown, path: Path): string[] {
  const [step, ...rest] = path
  if (step === undefined) return Object.keys(shape(schema, value) ?? {})
  const next = below(schema, value, step)
  return next === undefined ? [] : allowedKeys(next, field(value, step), rest)
}

/** Every text in `value` whose schema says `.meta({ format })`. */
export function textsOfFormat(
  schema: Schema,
  value: unknown,
  format: string,
  path: Path = [],
): { readonly path: Path; readonly text: string }[] {
  if (typeof value === 'string') return hasFormat(schema, value, format) ? [{ path, text: value }] : []
  return [...entries(value), ...items(value)].flatMap(([step, part]) => {
    const next = below(schema, value, step)
    return next === undefined ? [] : textsOfFormat(next, part, format, [...path, step])
  })
}

function hasFormat(schema: Schema, value: unknown, format: string): boolean {
  if (z.globalRegistry.get(schema)?.format === format) return true
  const next = inner(schema, value)
  return next !== undefined && hasFormat(next, value, format)
}
