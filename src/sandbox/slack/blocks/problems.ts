import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/**
 * Schema issues in the words of Slack's `response_metadata.messages`, with a JSON pointer that starts at `root`
 * (`/blocks`, `/view`, or empty for arguments).
 */
export function problemTexts(issues: readonly Issue[], value: unknown, root: string): readonly string[] {
  return issues.flatMap((issue) => describe(issue, value, root))
}

function describe(issue: Issue, value: unknown, root: string): readonly string[] {
  const here = pointer(root, issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `invalid additional property: ${key} ${here}`)
  const found = valueAt(value, issue.path)
  if (found === undefined && issue.path.length > 0 && issue.code !== 'custom')
    return [`missing required field: ${String(issue.path.at(-1))} ${pointer(root, issue.path.slice(0, -1))}`]
  return [`${reason(issue, found)} ${here}`]
}

function reason(issue: Issue, found: unknown): string {
  if (issue.code === 'too_big')
    return issue.origin === 'array' ? `no more than ${issue.maximum} items allowed` : tooLong(issue)
  if (issue.code === 'too_small')
    return issue.origin === 'array' ? `must have at least ${issue.minimum} items` : tooShort(issue)
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined)
    return `unsupported type: ${JSON.stringify(found)}`
  if (issue.code === 'invalid_union') return 'failed to match all allowed schemas'
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'invalid_type') return `must provide ${article(issue.expected)}`
  return issue.message
}

function tooLong(issue: Extract<Issue, { code: 'too_big' }>): string {
  return issue.origin === 'string'
    ? `must be less than ${Number(issue.maximum) + 1} characters`
    : `must be at most ${issue.maximum}`
}

function tooShort(issue: Extract<Issue, { code: 'too_small' }>): string {
  return issue.origin === 'string'
    ? `must be more than ${Number(issue.minimum) - 1} characters`
    : `must be at least ${issue.minimum}`
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    // Indexing an object by a key that zod reported on it; anything else is undefined.
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  )
}

/** `[json-pointer:/blocks/0/text]`, as Slack writes it. */
export function pointer(root: string, path: readonly PropertyKey[]): string {
  return `[json-pointer:${root}${path.map((key) => `/${String(key)}`).join('')}]`
}
