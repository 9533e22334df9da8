import { z } from 'zod'
import { name } from '../config/fields.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { FindingBody } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import { defineCheck } from './check.ts'
import { fact } from './facts.ts'
import { JSON_POINTER, resolvePointer } from './json-pointer.ts'
import { emitted, ownSignal, ownSignals } from './own-signal.ts'
import { againstLimits, brokenLimit, numberParameters, written } from './threshold.ts'

const LONGEST_TEXT = 200
const scalar = z.union([z.string().max(LONGEST_TEXT), z.number(), z.boolean()])
/** Not `max`: zod also asks what is no text for its length, and throws where that is an object that is no number. */
const answered = z.union([z.string().refine((text) => text.length <= LONGEST_TEXT), z.number(), z.boolean()])
type Scalar = z.output<typeof scalar>

const fields = z.strictObject({
  ...numberParameters,
  source: name.describe('Name of a data source that reads JSON.'),
  path: z
    .string()
    .regex(/^\/[^\s]{0,500}$/, { error: 'expected a path that begins with /' })
    .describe('Path below the source’s url.'),
  pointer: z
    .string()
    .max(500)
    .regex(JSON_POINTER, { error: 'expected a JSON pointer such as /queue/length (RFC 6901)' })
    .describe('Where the value stands in the document.'),
  equals: scalar.describe('This value is a problem.').exactOptional(),
  differsFrom: scalar.describe('Any other value is a problem.').exactOptional(),
  signal: ownSignal.exactOptional(),
})

type Settings = z.output<typeof fields>

function hasLimit({ above, below }: Settings): boolean {
  return above !== undefined || below !== undefined
}

function hasEquality({ equals, differsFrom }: Settings): boolean {
  return equals !== undefined || differsFrom !== undefined
}

const parameters = fields
  .refine((one) => hasLimit(one) !== hasEquality(one), {
    error: 'expected above or below for a number, or else equals or differsFrom',
  })
  .refine((one) => one.equals === undefined || one.differsFrom === undefined, {
    error: 'expected either equals or differsFrom, not both',
  })

/** Any value in a JSON document that a service serves, against a limit or against what it should be. */
export const httpJson = defineCheck({
  name: 'http-json',
  title: 'JSON value',
  parameters,
  signals: ownSignals,
  facts: ['value', 'threshold'],
  async run({ sources, service, signal }, settings) {
    const { source, path, pointer } = settings
    const { value: document } = await sources.json(source).get(path, signal)
    const { found, value } = resolvePointer(document, pointer)
    if (!found)
      throw new SourceError('missing', source, `${source} answered ${path}, but there is nothing at ${pointer} in it.`)
    return hasLimit(settings) ? againstNumber(service, settings, value) : againstValue(settings, value)
  },
})

function againstNumber(service: Service, settings: Settings, value: unknown): FindingBody {
  const { what, unit } = settings
  if (typeof value !== 'number') throw wrongType(settings, value, 'a number')
  const broken = brokenLimit(value, settings)
  const write = (one: number) => written(one, unit, service)
  return {
    ...body(settings, broken !== undefined),
    headline: `${what} is ${write(value)}, ${againstLimits(value, settings, write)}`,
    facts: [
      ...fact('value', what, unit, value),
      ...fact('threshold', 'Limit', unit, broken === 'below' ? settings.below : (settings.above ?? settings.below)),
    ],
  }
}

function againstValue(settings: Settings, found: unknown): FindingBody {
  const { what, equals, differsFrom } = settings
  const parsed = answered.safeParse(found)
  if (!parsed.success) throw wrongType(settings, found, 'a text, a number or true or false')
  const value = parsed.data
  const isProblem = equals === undefined ? value !== differsFrom : value === equals
  const expected = equals === undefined && isProblem ? `, not ${quoted(differsFrom)}` : ''
  return {
    ...body(settings, isProblem),
    headline: `${what} is ${quoted(value)}${expected}`,
    facts: [
      ...fact('value', what, 'text', String(value)),
      ...fact('threshold', 'Compared with', 'text', String(equals ?? differsFrom)),
    ],
  }
}

function quoted(value: Scalar | undefined): string {
  return typeof value === 'string' ? `“${value}”` : String(value)
}

function wrongType({ source, path, pointer }: Settings, value: unknown, expected: string): SourceError {
  const is = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
  return new SourceError(
    'bad-answer',
    source,
    `${source} answered ${path}, but ${pointer} in it is ${is} where ${expected} is expected.`,
  )
}

function body({ severity, signal }: Settings, isProblem: boolean): Omit<FindingBody, 'headline' | 'facts'> {
  return {
    verdict: isProblem ? 'problem' : 'clear',
    ...(isProblem && { severity }),
    details: [],
    signals: emitted(signal, isProblem),
    charts: [],
  }
}
