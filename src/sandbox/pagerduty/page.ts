import { invalidInput } from './refusal.ts'

const MAX_LIMIT = 100
/** Offset pagination ends here: https://developer.pagerduty.com/docs/pagination */
const MAX_REACH = 10_000

/** One page of `all` under `key`, as classic pagination answers it. Refuses a limit or offset out of range. */
export function page(key: string, all: readonly unknown[], query: URLSearchParams): unknown {
  const limit = whole(query.get('limit') ?? '25', 'limit')
  const offset = whole(query.get('offset') ?? '0', 'offset')
  if (limit < 1 || limit > MAX_LIMIT) throw invalidInput(`limit must be between 1 and ${MAX_LIMIT}`)
  if (offset + limit > MAX_REACH) throw invalidInput(`offset and limit reach beyond ${MAX_REACH}`)
  const items = all.slice(offset, offset + limit)
  return { [key]: items, limit, offset, total: null, more: offset + limit < all.length }
}

/** A UTC time in ISO 8601, or `absent`. Any other offset is refused. */
export function utc(query: URLSearchParams, name: string, absent: number): number {
  const text = query.get(name)
  if (text === null) return absent
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) throw invalidInput(`${name} is not a UTC time in ISO 8601`)
  return at
}

function whole(text: string, name: string): number {
  if (!/^\d{1,6}$/.test(text)) throw invalidInput(`${name} is not a number`)
  return Number(text)
}
