import type { UserRecord } from './stand-in-types.ts'

export interface Call {
  readonly params: Readonly<Record<string, string | undefined>>
  readonly query: URLSearchParams
  readonly body: unknown
  /** Whom the `From` header names, where the route requires one. */
  readonly from: UserRecord | undefined
}

/** One operation of the REST API, with everything that it accepts. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  /** Query parameters; others are refused. */
  readonly query: readonly string[]
  /** Whether the operation asks in whose name it is done. */
  readonly needsFrom: boolean
  /** Throws a `Refusal`. */
  readonly answer: (call: Call) => { readonly status: number; readonly body: unknown }
}

export const PAGING = ['limit', 'offset', 'total'] as const

export function ok(body: unknown): { readonly status: number; readonly body: unknown } {
  return { status: 200, body }
}
