import type { RecordedRequest } from '../../src/sandbox/kubernetes/http/handler.ts'
import { NAMESPACE, type Town } from './town.ts'

/** A restart that reached the cluster, by the mark it carries. */
export interface SeenRestart {
  readonly workload: string
  readonly stamp: string
  /** 0 where the answer was lost. */
  readonly status: () => number
}

/** Watches the cluster for restarts as they arrive; the stand-in itself keeps only the newest requests. */
export function watchRestarts(town: Town, onRestart: (restart: SeenRestart) => void) {
  const restarts: SeenRestart[] = []
  let last: RecordedRequest | undefined
  function look(): void {
    const { requests } = town.kubernetes
    const from = last === undefined ? 0 : requests.lastIndexOf(last) + 1
    last = requests.at(-1)
    for (const request of requests.slice(from)) {
      const stamp = stampIn(request.body)
      // A dry run changes nothing, and is not what is counted here.
      if (request.method !== 'PATCH' || stamp === undefined || request.path.includes('dryRun')) continue
      const restart = {
        workload: /\/([^/?]+)(?:\?.*)?$/.exec(request.path)?.[1] ?? '',
        stamp,
        status: () => request.status,
      }
      restarts.push(restart)
      onRestart(restart)
    }
  }
  const timer = setInterval(look, 1)
  return {
    restarts: restarts as readonly SeenRestart[],
    stop(): void {
      look()
      clearInterval(timer)
    },
  }
}

/** How often the workload's template was changed since it was made. */
export function changesOf(town: Town, kind: string, workload: string): number {
  return (town.kubernetes.get(kind, NAMESPACE, workload)?.metadata.generation ?? 1) - 1
}

function stampIn(body: unknown): string | undefined {
  return /"kubectl\.kubernetes\.io\/restartedAt":"([^"]+)"/.exec(JSON.stringify(body ?? null))?.[1]
}
