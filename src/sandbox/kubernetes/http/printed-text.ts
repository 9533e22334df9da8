import type { Pod } from '../workloads.ts'

/** Time since `from` in kubectl's short form: `42s`, `5m10s`, `47h`, `3d`. */
export function ageText(from: string | undefined, nowMs: number): string {
  const since = Date.parse(from ?? '')
  if (Number.isNaN(since)) return '<unknown>'
  const seconds = Math.max(0, Math.floor((nowMs - since) / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (seconds < 120) return `${seconds}s`
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (hours < 3) return `${minutes}m`
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  if (days < 8) return withRest(days, 'd', hours % 24, 'h')
  return days < 730 ? `${days}d` : `${Math.floor(days / 365)}y`
}

const withRest = (value: number, unit: string, rest: number, restUnit: string): string =>
  rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`

/** The status column of a pod: the most telling of its phase, its containers' reasons and its deletion. */
export function podStatusText({ metadata, status }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  for (const { state } of status.containerStatuses ?? []) {
    if (state.waiting) return state.waiting.reason
    if (state.terminated) return state.terminated.reason
  }
  return status.phase
}
