import type { SlackAnswer, SlackCall, SlackMethod } from './api.ts'
import { type Bucket, refilled, waitMs } from './budget.ts'
import { SlackError, toSlackError } from './errors.ts'
import { lanesOf } from './lanes.ts'
import { type OutboxLimits, outboxLimits } from './limits.ts'
import type { SlackMeter } from './meter.ts'

export interface SendRequest {
  readonly method: SlackMethod
  readonly args: SlackAnswer
  /** The channel that is posted to; needed for chat.postMessage, which is limited by channel. */
  readonly channel?: string
  readonly priority: 'urgent' | 'normal'
  /** Newest state wins: a call that still waits is superseded by a later one with the same key; one under way is waited for. */
  readonly coalesceKey?: string
  /** From now to the answer. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal
}

export interface Outbox {
  /**
   * Calls Slack as soon as the limits allow, urgent calls first, otherwise in order. Rejects with `SlackError`: `rate-limited` as soon as it
   * is clear that the turn comes too late. A call that Slack answered with 429 was not accepted and is repeated here while there is time.
   */
  send(request: SendRequest): Promise<SlackAnswer | 'superseded'>
  /** Calls that wait or are under way. */
  readonly pending: number
}

/** What a call itself is left, at the least: one that begins later would only end in doubt. */
const SHORTEST_CALL_MS = 2_000

interface Waiting {
  readonly request: SendRequest
  readonly since: number
  /** The last moment at which the call may begin. */
  readonly beginBy: number
  readonly settle: (result: SlackAnswer | 'superseded') => void
  readonly fail: (error: SlackError) => void
}

/** Our rate limits in front of Slack's, so that a flood of progress never delays what matters. */
export function createOutbox(deps: {
  readonly call: SlackCall
  readonly now: () => number
  readonly meter?: SlackMeter
  readonly limits?: OutboxLimits
}): Outbox {
  const { call, now, meter, limits = outboxLimits } = deps
  const buckets = new Map<string, Bucket>()
  const pausedUntil = new Map<string, number>()
  const busyKeys = new Set<string>()
  let waiting: readonly Waiting[] = []
  let underWay = 0
  let timer: NodeJS.Timeout | undefined

  /** ms until this call may begin by every limit that concerns it. */
  function delayOf({ request }: Waiting): number {
    const urgent = request.priority === 'urgent'
    const delays = lanesOf(request, limits).map(({ lane, budget }) =>
      Math.max(
        (pausedUntil.get(lane) ?? 0) - now(),
        budget === undefined ? 0 : waitMs(budget, refilled(budget, buckets.get(lane), now()), urgent),
      ),
    )
    return Math.max(0, ...delays)
  }

  function spend({ request }: Waiting): void {
    for (const { lane, budget } of lanesOf(request, limits)) {
      if (budget === undefined) continue
      const bucket = refilled(budget, buckets.get(lane), now())
      buckets.set(lane, { ...bucket, tokens: bucket.tokens - 1 })
    }
  }

  function remove(one: Waiting): void {
    waiting = waiting.filter((other) => other !== one)
  }

  /** Starts whatever may start, refuses what would come too late, and comes back when the next one may. */
  function pump(): void {
    clearTimeout(timer)
    timer = undefined
    const inOrder = [
      ...waiting.filter(({ request }) => request.priority === 'urgent'),
      ...waiting.filter(({ request }) => request.priority !== 'urgent'),
    ]
    let next = Number.POSITIVE_INFINITY
    for (const one of inOrder) {
      const { coalesceKey } = one.request
      if (coalesceKey !== undefined && busyKeys.has(coalesceKey)) {
        if (now() > one.beginBy) tooLate(one, 1_000)
        else next = Math.min(next, one.beginBy - now() + 1)
        continue
      }
      const delay = delayOf(one)
      if (delay === 0) void begin(one)
      else if (now() + delay > one.beginBy) tooLate(one, delay)
      else next = Math.min(next, delay)
    }
    meter?.slackQueue(waiting.length)
    if (Number.isFinite(next)) timer = setTimeout(pump, next)
  }

  function tooLate(one: Waiting, retryAfterMs: number): void {
    remove(one)
    const { method } = one.request
    meter?.slackCall(method, 'rate-limited', now() - one.since)
    one.fail(new SlackError({ kind: 'rate-limited', method, code: 'outbox_full', retryAfterMs }))
  }

  async function begin(one: Waiting): Promise<void> {
    const { method, args, coalesceKey, deadlineMs, signal } = one.request
    remove(one)
    spend(one)
    underWay += 1
    if (coalesceKey !== undefined) busyKeys.add(coalesceKey)
    const deadline = AbortSignal.timeout(Math.max(SHORTEST_CALL_MS, one.since + deadlineMs - now()))
    const began = now()
    try {
      const answer = await call(method, args, signal === undefined ? deadline : AbortSignal.any([signal, deadline]))
      meter?.slackCall(method, 'ok', now() - began)
      one.settle(answer)
    } catch (error) {
      failed(one, toSlackError(error, method), began)
    } finally {
      underWay -= 1
      if (coalesceKey !== undefined) busyKeys.delete(coalesceKey)
      pump()
    }
  }

  function failed(one: Waiting, error: SlackError, began: number): void {
    meter?.slackCall(one.request.method, error.kind, now() - began)
    if (error.kind !== 'rate-limited') {
      one.fail(error)
      return
    }
    const [narrowest] = lanesOf(one.request, limits)
    const until = now() + (error.retryAfterMs ?? 1_000)
    if (narrowest !== undefined) pausedUntil.set(narrowest.lane, Math.max(until, pausedUntil.get(narrowest.lane) ?? 0))
    const superseded = waiting.some(({ request }) => isSameSubject(request, one.request))
    if (superseded) one.settle('superseded')
    else if (until > one.beginBy) one.fail(error)
    else waiting = [one, ...waiting]
  }

  /** The request, as urgent as the most urgent of those that it takes the place of. */
  function supersede(request: SendRequest): SendRequest {
    const older = waiting.filter((one) => isSameSubject(one.request, request))
    for (const one of older) {
      remove(one)
      meter?.slackCall(one.request.method, 'superseded', now() - one.since)
      one.settle('superseded')
    }
    return older.some((one) => one.request.priority === 'urgent') ? { ...request, priority: 'urgent' } : request
  }

  function withdraw(one: Waiting): void {
    if (!waiting.includes(one)) return
    remove(one)
    one.fail(new SlackError({ kind: 'unavailable', method: one.request.method, code: 'shutting_down' }))
  }

  return {
    send(asked) {
      const { signal, deadlineMs } = asked
      const since = now()
      const { promise, settle, fail } = settleable()
      const beginBy = since + Math.max(0, deadlineMs - SHORTEST_CALL_MS)
      const one: Waiting = { request: supersede(asked), since, beginBy, settle, fail }
      const onAbort = (): void => withdraw(one)
      signal?.addEventListener('abort', onAbort, { once: true })
      waiting = [...waiting, one]
      if (signal?.aborted) withdraw(one)
      pump()
      return promise.finally(() => signal?.removeEventListener('abort', onAbort))
    },
    get pending() {
      return waiting.length + underWay
    },
  }
}

function settleable(): Pick<Waiting, 'settle' | 'fail'> & { readonly promise: Promise<SlackAnswer | 'superseded'> } {
  let settle: Waiting['settle'] = () => undefined
  let fail: Waiting['fail'] = () => undefined
  const promise = new Promise<SlackAnswer | 'superseded'>((resolve, reject) => {
    settle = resolve
    fail = reject
  })
  return { promise, settle, fail }
}

function isSameSubject(left: SendRequest, right: SendRequest): boolean {
  return left.coalesceKey !== undefined && left.coalesceKey === right.coalesceKey
}
