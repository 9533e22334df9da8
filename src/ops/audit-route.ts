import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MountedRoute } from '../http/route.ts'
import type { Store } from '../store/store.ts'
import { isFromThisHost } from './own-host.ts'

/** Where recorded timelines come from: a store, or what only reads one. */
export type AuditSource = Pick<Store, 'incidentIds' | 'timeline'>

export interface AuditRouteOptions {
  readonly records: AuditSource
  /** Who holds the store: told with the answer, so that whoever asks can see that it is the right one. */
  readonly owner: string
  /** The host that the port listens on, under which it may be asked as well. */
  readonly host?: string
}

/** Names the store's owner in an answer. */
export const OWNER_HEADER = 'incbot-owner'

const PAGE = 100
/** Records of years take a while over a slow pipe. */
const ANSWER_MS = 30 * 60_000

/**
 * `GET /audit`, `?incident=` for one: every entry of every timeline, a line of JSON each. It names people and their reasons, so it is answered to
 * this host alone, whatever address the port listens on. An answer that breaks off has no end, which every HTTP client notices.
 */
export function auditRoute({ records, owner, host }: AuditRouteOptions): MountedRoute {
  return {
    method: 'GET',
    path: '/audit',
    answerMs: ANSWER_MS,
    async mount(req, res) {
      if (!isFromThisHost(req, host)) {
        const error = 'The audit is told to this host alone. Run `incbot audit export` where incbot runs.'
        answer(res, 403, `${JSON.stringify({ error })}\n`, 'application/json; charset=utf-8')
        return
      }
      const incident = new URL(req.url ?? '', 'http://incbot').searchParams.get('incident') ?? undefined
      const lines = auditLines(records, incident)
      // What fails before the first line can still be answered with a status.
      const first = await lines.next()
      res.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store', [OWNER_HEADER]: owner })
      await pipeline(Readable.from(withFirst(first, lines)), res)
    },
  }
}

/** Every entry of every timeline in order, or of one incident, as a line of JSON with its line break. Holds one incident's at a time. */
export async function* auditLines(records: AuditSource, incident?: string): AsyncGenerator<string, void, undefined> {
  if (incident !== undefined) {
    yield* linesOf(records, incident)
    return
  }
  let after: string | undefined
  for (;;) {
    const ids = await records.incidentIds(after, PAGE)
    for (const id of ids) yield* linesOf(records, id)
    after = ids.at(-1)
    if (after === undefined) return
  }
}

async function* linesOf(records: AuditSource, incidentId: string): AsyncGenerator<string, void, undefined> {
  for (const entry of await records.timeline(incidentId)) yield `${JSON.stringify({ incidentId, ...entry })}\n`
}

async function* withFirst(
  first: IteratorResult<string, void>,
  others: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  if (first.done === true) return
  yield first.value
  yield* others
}

function answer(res: ServerResponse, status: number, text: string, type: string): void {
  res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}
