import type { V1Container, V1PodSpec } from '@kubernetes/client-node'
import { parseQuantity } from './quantity.ts'

/** Amounts by resource: "memory" in bytes, "cpu" in cores, "nvidia.com/gpu" in pieces. */
export type Amounts = ReadonlyMap<string, number>

/**
 * What a pod asks of its node, as the scheduler counts it: its containers and sidecars together, or what an init container needs beside the
 * sidecars that were started before it where that is more; amounts of the pod as a whole go before both, and the runtime's overhead comes on
 * top (kubernetes.io/docs/concepts/workloads/pods/sidecar-containers, "Resource sharing within containers").
 */
export function requestsOf(spec: V1PodSpec | undefined): Amounts {
  let running: Amounts = add(...(spec?.containers ?? []).map(requests))
  let sidecars: Amounts = new Map()
  let starting: Amounts = new Map()
  for (const container of spec?.initContainers ?? []) {
    const asked = requests(container)
    const isSidecar = container.restartPolicy === 'Always'
    starting = larger(starting, add(sidecars, asked))
    if (!isSidecar) continue
    sidecars = add(sidecars, asked)
    running = add(running, asked)
  }
  const whole = new Map([...larger(running, starting), ...amounts(spec?.resources?.requests)])
  return add(whole, amounts(spec?.overhead))
}

export function add(...all: readonly Amounts[]): Amounts {
  const sums = new Map<string, number>()
  for (const one of all) for (const [name, amount] of one) sums.set(name, (sums.get(name) ?? 0) + amount)
  return sums
}

export function amounts(quantities: Readonly<Record<string, string>> | undefined): Amounts {
  return new Map(Object.entries(quantities ?? {}).map(([name, text]) => [name, parseQuantity(text) ?? 0]))
}

function requests({ resources }: V1Container): Amounts {
  return amounts(resources?.requests)
}

function larger(a: Amounts, b: Amounts): Amounts {
  return new Map([...a.keys(), ...b.keys()].map((name) => [name, Math.max(a.get(name) ?? 0, b.get(name) ?? 0)]))
}
