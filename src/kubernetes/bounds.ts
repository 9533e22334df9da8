/** A number of pods, or a percentage such as "25%". */
export type Amount = number | string

export interface Bounds {
  /** How many pods more, and fewer, than wanted there may be while a rollout is under way. */
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** As the deployment controller resolves them: 25 % by default, surge rounds up, unavailable down, and never both 0. */
export function deploymentBounds(
  replicas: number,
  type: string | undefined,
  rolling: { readonly maxSurge?: Amount; readonly maxUnavailable?: Amount } | undefined,
): Bounds {
  if (type === 'Recreate') return { maxSurge: 0, maxUnavailable: replicas }
  const maxSurge = resolve(rolling?.maxSurge ?? '25%', replicas, Math.ceil)
  const maxUnavailable = resolve(rolling?.maxUnavailable ?? '25%', replicas, Math.floor)
  return {
    maxSurge,
    maxUnavailable: Math.min(replicas, maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable),
  }
}

/** No surge; one at a time unless it says more, and never none. */
export function statefulSetBounds(replicas: number, maxUnavailable: Amount | undefined): Bounds {
  return {
    maxSurge: 0,
    maxUnavailable: Math.min(replicas, Math.max(1, resolve(maxUnavailable ?? 1, replicas, Math.floor))),
  }
}

/** Both round up; where both come to none, one may be unavailable. */
export function daemonSetBounds(
  nodes: number,
  rolling: { readonly maxSurge?: Amount; readonly maxUnavailable?: Amount } | undefined,
): Bounds {
  const maxSurge = resolve(rolling?.maxSurge ?? 0, nodes, Math.ceil)
  const maxUnavailable = resolve(rolling?.maxUnavailable ?? 1, nodes, Math.ceil)
  return { maxSurge, maxUnavailable: Math.min(nodes, maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable) }
}

function resolve(amount: Amount, total: number, round: (exact: number) => number): number {
  if (typeof amount === 'number') return amount
  const percent = /^(\d+)%$/.exec(amount)?.[1]
  return percent === undefined ? 0 : round((Number(percent) * total) / 100)
}
