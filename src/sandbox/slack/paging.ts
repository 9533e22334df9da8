import { MethodRefusal } from './refusal.ts'

/** One page of a list and the cursor to the next, empty at the end. Throws `invalid_cursor` and `invalid_limit`. */
export function page<Item>(
  items: readonly Item[],
  cursor: string | undefined,
  limit: number | undefined,
  bounds: { readonly standard: number; readonly max: number },
): { readonly items: readonly Item[]; readonly nextCursor: string } {
  const size = limit === undefined || limit === 0 ? bounds.standard : limit
  if (size < 0 || size > bounds.max) throw new MethodRefusal('invalid_limit')
  const start = offsetOf(cursor)
  const end = start + size
  return { items: items.slice(start, end), nextCursor: end < items.length ? cursorTo(end) : '' }
}

function cursorTo(offset: number): string {
  return Buffer.from(`next:${offset}`).toString('base64')
}

function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined || cursor === '') return 0
  const match = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())
  if (!match) throw new MethodRefusal('invalid_cursor')
  return Number(match[1])
}
