import type { z } from 'zod'
import { guess } from './did-you-mean.ts'
import { formatPath, type Path, type Problem, showValue } from './problem.ts'
import { at } from './raw.ts'
import { allowedKeys } from './schema-walk.ts'
import type { YamlDocument } from './yaml-document.ts'

/** A document as its schema reads it, or what the schema did not accept, one problem for each thing to correct. */
export function readWith<T>(
  document: YamlDocument,
  schema: z.ZodType<T>,
): { readonly content?: T; readonly problems: readonly Problem[] } {
  const parsed = checked(document, schema)
  if (parsed === undefined) return { problems: [valueProblem(document, [], UNCOUNTABLE)] }
  if (parsed.success) return { content: parsed.data, problems: [] }
  return { problems: parsed.error.issues.flatMap((issue) => fromIssue(document, schema, issue)) }
}

const UNCOUNTABLE = 'has a mapping with a `length` that is a mapping itself, where a text or a list is expected'

/** Undefined where the schema cannot say: zod asks also what is no text and no list for its length, and throws where that cannot be compared. */
function checked<T>(document: YamlDocument, schema: z.ZodType<T>): z.ZodSafeParseResult<T> | undefined {
  try {
    return schema.safeParse(document.value)
  } catch {
    return undefined
  }
}

function fromIssue(document: YamlDocument, schema: z.ZodType, issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol')
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(document, path, key, allowedKeys(schema, document.value, path)))
    case 'invalid_key':
      return [keyProblem(document, path, issue.issues[0]?.message ?? 'is not a name that can be used here')]
    case 'invalid_union':
      return fromUnion(document, schema, issue, path)
    case 'invalid_value':
      return [oneOf(document, path, issue.values.map(String))]
    case 'invalid_type':
      return [
        notAsExpected(
          document,
          path,
          issue.message.startsWith('expected ')
            ? expectation(issue.message)
            : (TYPES[issue.expected] ?? issue.expected),
        ),
      ]
    case 'custom':
      return issue.message.startsWith('expected ')
        ? [notAsExpected(document, path, expectation(issue.message))]
        : [valueProblem(document, path, issue.message)]
    case 'invalid_format':
    case 'too_small':
    case 'too_big':
    case 'not_multiple_of':
    case 'invalid_element':
      return [notAsExpected(document, path, expectation(issue.message))]
  }
}

/** Without a branch to go by, the complaints of the branch that got furthest are the ones that help. */
function fromUnion(
  document: YamlDocument,
  schema: z.ZodType,
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
): Problem[] {
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
  if (options.length > 0) return [oneOf(document, path, options)]
  const furthest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? []
  if (depth(furthest) === 0) {
    const expected = issue.errors.flatMap((branch) => branch.map((one) => expectation(one.message)))
    return [notAsExpected(document, path, [...new Set(expected)].join(' or '))]
  }
  return furthest.flatMap((one) => fromIssue(document, schema, { ...one, path: [...path, ...one.path] }))
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length))
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  array: 'a list (- item)',
}

/** Schemas say "expected a duration such as 5m"; zod's own texts are "Too small: expected number to be >0" and "Invalid URL". */
function expectation(message: string): string {
  const said = message.indexOf('expected ')
  if (said >= 0) return message.slice(said + 'expected '.length)
  return message.replace(/^Invalid (\w)/, 'a valid $1')
}

/** A key that nothing knows; `allowed` is what could stand there. */
function unknownKey(document: YamlDocument, path: Path, key: string, allowed: readonly string[]): Problem {
  const didYouMean = guess(key, allowed)
  return {
    file: document.file,
    ...document.locateKey([...path, key]),
    path: formatPath([...path, key]),
    message: 'is not a key that can stand here',
    ...(allowed.length === 0 ? {} : { expected: `one of ${allowed.join(', ')}` }),
    ...didYouMean,
    ...(didYouMean.didYouMean === undefined && allowed.length > 0 ? { fix: `Known here: ${allowed.join(', ')}.` } : {}),
  }
}

/** A name that refers to nothing; `known` is what there is, called `noun`. */
export function unknownReference(
  document: YamlDocument,
  path: Path,
  name: string,
  noun: string,
  known: readonly string[],
): Problem {
  const list = known.length === 0 ? `there is no ${noun}` : `known: ${known.join(', ')}`
  return { ...valueProblem(document, path, `no ${noun} is called ${showValue(name)} (${list})`), ...guess(name, known) }
}

/** Something wrong with the value at `path`, in final words. */
export function valueProblem(document: YamlDocument, path: Path, message: string): Problem {
  return { file: document.file, ...document.locate(path), path: formatPath(path), message }
}

function keyProblem(document: YamlDocument, path: Path, message: string): Problem {
  return { file: document.file, ...document.locateKey(path), path: formatPath(path), message }
}

function oneOf(document: YamlDocument, path: Path, values: readonly string[]): Problem {
  const expected = values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`
  const value = at(document.value, path)
  return {
    ...notAsExpected(document, path, expected),
    ...(typeof value === 'string' && value !== '' ? guess(value, values) : {}),
  }
}

function notAsExpected(document: YamlDocument, path: Path, expected: string): Problem {
  const value = at(document.value, path)
  if (value === undefined) return { ...valueProblem(document, path, `is missing; expected ${expected}`), expected }
  // A person may have put the secret itself where the name of its variable belongs.
  const got = /token|secret|password/i.test(String(path.at(-1))) ? 'something else' : showValue(value)
  return { ...valueProblem(document, path, `expected ${expected}, got ${got}`), expected }
}
