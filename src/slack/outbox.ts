import { createAllowance } from './allowance.ts'
import type { SlackAnswer, SlackCall, SlackMethod } from './api.ts'
import { SlackError, toSlackError } from './errors.ts'
import { type OutboxLimits, outboxLimits } from './limits.ts'
import type { SlackMeter } from './meter.ts'
import { createPlaces } from './places.ts'
import { comparePriorities, moreUrgent, type Priority } from './priority.ts'

export interface SendRequest {
  readonly method: SlackMethod
  readonly args: SlackAnswer
  /** The channel that is posted to; needed for chat.postMessage, which is limited by channel. */
  readonly channel?: string
  readonly priority: Priority
  /** Newest state wins: a call that still waits is superseded by a later one with the same key; one under way is waited for. */
  readonly coalesceKey?: string
  /** Names what is to be said: who is told to come back later, and comes with the same name, keeps its place in line. */
  readonly placeKey?: string
  /** From now to the answer. */
  readonly deadlineMs: number
  /** How much of that may pass before the call begins; most of it where absent. */
  readonly patienceMs?: number
  readonly signal?: AbortSignal
  /** Asked when its turn has come; where it says no, the call is refused as `unavailable`. */
  readonly isAllowed?: () => boolean
}

export interface Outbox {
  /**
   * Calls Slack as soon as the limits allow, by priority and otherwise in order. Rejects with `SlackError`: `rate-limited` with the code
   * `OUTBOX_FULL` as soon as it is clear that the turn comes too late, so that only so many wait here. A call that Slack answered with 429
   * was not accepted and is repeated here while there is time.
   */
  send(request: SendRequest): Promise<SlackAnswer | 'superseded'>
  /** For how long such a call would wait now before it begins, in ms, by our own count. */
  delayOf(request: Pick<SendRequest, 'method' | 'channel' | 'priority'>): number
  /** Calls that wait or are under way. */
  readonly pending: number
}

/** Our own limits, not Slack's, had the call wait. */
export const OUTBOX_FULL = 'outbox_full'

/** What a call itself is left, at the least: one that begins later would only end in doubt. */
const SHORTEST_CALL_MS = 2_000

/** Whoever comes back later than this after being called has lost its turn. */
const PLACE_KEPT_MS = 2_000
const SOONEST_RETURN_MS = 100

interface Waiting {
  readonly request: SendRequest
  readonly priority: Priority
  readonly lanes: readonly string[]
  /** When it came, and when it came first. */
  readonly arrived: number
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
  /** They may change while calls wait. */
  readonly limits?: () => OutboxLimits
}): Outbox {
  const { call, now, meter, limits = () => outboxLimits } = deps
  const allowance = createAllowance(limits, now)
  const busyKeys = new Set<string>()
  const places = createPlaces()
  let waiting: readonly Waiting[] = []
  let underWay = 0
  let timer: NodeJS.Timeout | undefined

  function remove(one: Waiting): void {
    waiting = waiting.filter((other) => other !== one)
  }

  /** Starts whatever may start, refuses what would come too late, and comes back when the next one may. */
  function pump(): void {
    clearTimeout(timer)
    timer = undefined
    const ahead = new Map<string, number>()
    let next = Number.POSITIVE_INFINITY
    for (const one of [...waiting, ...places.current(now())].toSorted(byTurn)) {
      const wait = 'request' in one ? beginOrWait(one, ahead) : 'gone'
      if (wait === 'begun') continue
      // Who was sent away without a place in line takes nobody's turn.
      if (wait === 'gone' && 'request' in one && one.request.placeKey === undefined) continue
      for (const lane of one.lanes) ahead.set(lane, (ahead.get(lane) ?? 0) + 1)
      if (wait !== 'gone') next = Math.min(next, wait)
    }
    meter?.slackQueue(waiting.length)
    if (Number.isFinite(next)) timer = setTimeout(pump, next)
  }

  /** ms until this one should be looked at again. `gone`: it has been told to come back. */
  function beginOrWait(one: Waiting, ahead: ReadonlyMap<string, number>): number | 'begun' | 'gone' {
    const { coalesceKey } = one.request
    if (coalesceKey !== undefined && busyKeys.has(coalesceKey)) {
      // It ends within its own deadline, and what is newer than it should not be the later for it.
      const longest = one.arrived + Math.max(0, one.request.deadlineMs - SHORTEST_CALL_MS)
      if (now() <= longest) return longest - now() + 1
      tooLate(one, 1_000)
      return 'gone'
    }
    const { paused, delay } = allowance.delayOf(one.request, one.priority, ahead)
    if (delay === 0) {
      void begin(one)
      return 'begun'
    }
    if (now() + delay <= one.beginBy) return delay
    // Half of its patience early, so that it stands here when its turn comes.
    const early = (one.beginBy - one.arrived) / 2
    tooLate(one, Math.max(paused, delay - early, SOONEST_RETURN_MS))
    return 'gone'
  }

  function tooLate(one: Waiting, retryAfterMs: number): void {
    remove(one)
    const { method, placeKey } = one.request
    const { priority, since, lanes } = one
    if (placeKey !== undefined)
      places.keep(`${method} ${placeKey}`, { priority, since, lanes, until: now() + retryAfterMs + PLACE_KEPT_MS })
    meter?.slackCall(method, 'kept-back', now() - one.arrived)
    one.fail(new SlackError({ kind: 'rate-limited', method, code: OUTBOX_FULL, retryAfterMs }))
  }

  async function begin(one: Waiting): Promise<void> {
    const { method, args, coalesceKey, deadlineMs, signal, isAllowed } = one.request
    remove(one)
    if (isAllowed?.() === false) {
      one.fail(new SlackError({ kind: 'unavailable', method, code: 'no_longer_allowed' }))
      return
    }
    allowance.hold(one.request)
    underWay += 1
    if (coalesceKey !== undefined) busyKeys.add(coalesceKey)
    const deadline = AbortSignal.timeout(Math.max(SHORTEST_CALL_MS, one.arrived + deadlineMs - now()))
    const began = now()
    try {
      const answer = await call(method, args, signal === undefined ? deadline : AbortSignal.any([signal, deadline]))
      meter?.slackCall(method, 'ok', now() - began)
      one.settle(answer)
    } catch (error) {
      failed(one, toSlackError(error, method), began)
    } finally {
      underWay -= 1
      allowance.spend(one.request)
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
    const until = now() + (error.retryAfterMs ?? 1_000)
    allowance.pause(one.request, until)
    const superseded = waiting.some(({ request }) => isSameSubject(request, one.request))
    if (superseded) one.settle('superseded')
    else if (until > one.beginBy) one.fail(error)
    else waiting = [one, ...waiting]
  }

  /** Takes the place of those that it makes pointless: the most urgent and the oldest of theirs and its own. */
  function placeOf(request: SendRequest): Pick<Waiting, 'priority' | 'since'> {
    const { method, placeKey, priority } = request
    const own = { priority, since: (placeKey && places.take(`${method} ${placeKey}`)?.since) || now() }
    return supersede(request).reduce(
      (first, one) => ({
        priority: moreUrgent(first.priority, one.priority),
        since: Math.min(first.since, one.since),
      }),
      own,
    )
  }

  function supersede(request: SendRequest): readonly Waiting[] {
    const older = waiting.filter((one) => isSameSubject(one.request, request))
    for (const one of older) {
      remove(one)
      meter?.slackCall(one.request.method, 'superseded', now() - one.arrived)
      one.settle('superseded')
    }
    return older
  }

  function withdraw(one: Waiting): void {
    if (!waiting.includes(one)) return
    remove(one)
    one.fail(new SlackError({ kind: 'unavailable', method: one.request.method, code: 'shutting_down' }))
  }

  return {
    send(request) {
      const { signal, deadlineMs, patienceMs = deadlineMs - SHORTEST_CALL_MS } = request
      const arrived = now()
      const { promise, settle, fail } = settleable()
      const beginBy = arrived + Math.max(0, patienceMs)
      const lanes = allowance.lanesOf(request)
      const one: Waiting = { request, ...placeOf(request), lanes, arrived, beginBy, settle, fail }
      const onAbort = (): void => withdraw(one)
      signal?.addEventListener('abort', onAbort, { once: true })
      waiting = [...waiting, one]
      if (signal?.aborted) withdraw(one)
      pump()
      return promise.finally(() => signal?.removeEventListener('abort', onAbort))
    },
    delayOf(request) {
      const ahead = new Map<string, number>()
      for (const one of waiting)
        if (comparePriorities(one.priority, request.priority) <= 0)
          for (const lane of one.lanes) ahead.set(lane, (ahead.get(lane) ?? 0) + 1)
      return allowance.delayOf(request, request.priority, ahead).delay
    },
    get pending() {
      return waiting.length + underWay
    },
  }
}

function byTurn(left: Pick<Waiting, 'priority' | 'since'>, right: Pick<Waiting, 'priority' | 'since'>): number {
  return comparePriorities(left.priority, right.priority) || left.since - right.since
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
