import type { Exporter } from './exporter.ts'
import type { Fleet } from './fleet.ts'
import type { History } from './plan-history.ts'
import type { VersionSource } from './versions.ts'

export const HISTORY_MS = 7 * 3_600_000
const STEP_MS = 30_000

/** What really was in a pod's memory, without the noise of measuring. */
export interface Level {
  readonly at: number
  readonly bytes: number
}

/**
 * Lets the past happen: every start and every deploy in its order, with a scrape each 30 s of the last seven hours, the latest at `now`.
 * Returns the true levels of every pod at these moments.
 */
export function liveThrough(
  { deploysAt, starts }: History,
  now: number,
  { fleet, versions, exporter }: { fleet: Fleet; versions: VersionSource; exporter: Exporter },
): ReadonlyMap<string, Level[]> {
  const levels = new Map<string, Level[]>(fleet.pods.map((pod) => [pod, []]))
  const happenings = [
    ...starts.map(({ at, pod }) => ({ at, pod })),
    ...deploysAt.map((at) => ({ at, pod: undefined })),
  ].sort((a, b) => a.at - b.at)
  let next = 0
  let deploys = 0
  for (let at = now - HISTORY_MS; at <= now; at += STEP_MS) {
    for (let one = happenings[next]; one !== undefined && one.at <= at; one = happenings[next]) {
      next += 1
      if (one.pod === undefined) {
        fleet.load(versions.next(), one.at)
        deploys += 1
      } else {
        fleet.start(one.pod, one.at)
      }
    }
    exporter.scrape(at, deploys)
    for (const [pod, seen] of levels) seen.push({ at, bytes: fleet.server(pod)?.memoryBytes ?? 0 })
  }
  return levels
}
