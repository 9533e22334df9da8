import { z } from 'zod'

/** Argument types as Slack's form encoding carries them; a JSON body may also give the native value. */
export const text = z.string()
export const id = z.string().min(1)

export const flag = z.preprocess((value) => booleans.get(value) ?? value, z.boolean())

export const integer = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
  z.int(),
)

/** Timestamps must be strings: as numbers they lose digits. */
export const ts = z.string().regex(/^\d+(\.\d+)?$/, { error: 'must be a timestamp such as "1700000000.000100"' })

/** Structures are JSON texts within forms. */
export const json = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (typeof value === 'string' ? parsed(value) : value), schema)

export const blocks = json(z.array(z.unknown()))

const booleans = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function parsed(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
