import { z } from 'zod'
import type { Caller } from './call.ts'
import { PagerDutyError } from './errors.ts'
import { firstProblem, optional } from './schema.ts'

export interface ListRequest<T extends z.ZodType> {
  readonly path: string
  /** The member of the answer that holds the list. */
  readonly key: string
  readonly query?: Record<string, string | string[]>
  readonly schema: T
  readonly atMost: number
}

const PAGE_SIZE = 100

/**
 * Reads lists by classic pagination. An item that cannot be read is logged and left out, so that one strange incident
 * does not hide the others; an answer that is no list throws. https://developer.pagerduty.com/docs/pagination
 */
export function createPager(call: Caller, warn: (fields: object, message: string) => void) {
  return async <T extends z.ZodType>(request: ListRequest<T>, signal: AbortSignal): Promise<z.infer<T>[]> => {
    const { path, key, query, schema, atMost } = request
    const answer = z.object({ [key]: z.array(z.unknown()), more: optional(z.boolean()) })
    const items: z.infer<T>[] = []
    for (let offset = 0; offset < atMost; offset += PAGE_SIZE) {
      const paging = { limit: String(PAGE_SIZE), offset: String(offset) }
      const parsed = answer.safeParse(await call({ method: 'GET', path, query: { ...query, ...paging } }, signal))
      if (!parsed.success) {
        const detail = firstProblem(parsed.error)
        throw new PagerDutyError({ kind: 'bad-answer', operation: `GET ${path}`, detail })
      }
      const page = z.array(z.unknown()).parse(parsed.data[key])
      for (const json of page) {
        const item = schema.safeParse(json)
        if (item.success) items.push(item.data)
        else warn({ path, problem: firstProblem(item.error) }, 'PagerDuty listed something that cannot be read')
      }
      if (parsed.data.more !== true || page.length === 0) return items
    }
    warn({ path, atMost }, 'PagerDuty lists more than is read')
    return items
  }
}
