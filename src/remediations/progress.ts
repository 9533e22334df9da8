import type { Progress } from '../domain/remediation.ts'
import type { ObservedPod } from './cluster.ts'
import { durationText } from './words.ts'

/** How far something has come, of what, and since when. */
export interface Distance {
  readonly done: number
  readonly total: number
  /** What was there before it began; none where absent. */
  readonly from?: number
  readonly elapsedMs: number
  /** How long all of it was expected to take; undefined where nobody could say. */
  readonly estimateMs: number | undefined
}

/** How long it will still take: by its own pace once there is one, before that by the estimate. Undefined where neither says. */
export function remainingMs({ done, total, from = 0, elapsedMs, estimateMs }: Distance): number | undefined {
  if (done >= total) return undefined
  if (done > from) return (elapsedMs / (done - from)) * (total - done)
  return estimateMs !== undefined && estimateMs > elapsedMs ? estimateMs - elapsedMs : undefined
}

/** "3 of 12 pods new and ready, 42 s, about 2 min to go". */
export function progressOf(distance: Distance, as: string, pods: Progress['pods'], more = ''): Progress {
  const { done, total, elapsedMs } = distance
  const left = remainingMs(distance)
  const toGo = left === undefined ? '' : `, about ${durationText(left)} to go`
  return {
    text: `${done} of ${total} pods ${as}, ${durationText(elapsedMs)}${toGo}${more}`,
    done,
    total,
    pods: pods.map(({ name, state }) => ({ name, state })),
  }
}

/** How a pod fares that is not of an older version. */
export function stateOf({ ready, terminating }: ObservedPod): 'stopping' | 'ready' | 'starting' {
  if (terminating) return 'stopping'
  return ready ? 'ready' : 'starting'
}
