import { admissionData, hasAdmissionKey, isAdmissionKey } from '../freeze/admission-data.ts'
import type { FreezeGuard } from '../freeze/guard.ts'
import { type Probe, probeWorkload } from './admission-probe.ts'
import type { ClusterAccess } from './connect.ts'
import { account } from './failures.ts'
import { aboutFreezes, changeFreezes, readFreezes } from './freezes-map.ts'

export interface AdmissionGuardOptions {
  /** Where incbot's ConfigMap is. */
  readonly namespace: string
  /** The slash command by which people lift a freeze. */
  readonly command: string
  /** How long to wait before a probe that went through is tried again: a policy counts a moment after it was written. */
  readonly waitsMs?: readonly number[]
}

/** Somebody else writes the same ConfigMap by hand, if ever; not so many times in a row. */
const ATTEMPTS = 4

const WAITS_MS = [150, 400, 1_000]

/** A cluster whose admission policy refuses frozen deploys by what stands in one ConfigMap. Needs write credentials. */
export function admissionGuard(access: ClusterAccess, options: AdmissionGuardOptions): FreezeGuard {
  const { cluster } = access
  const { namespace, command, waitsMs = WAITS_MS } = options
  const place = { cluster, namespace, installing: `incbot install kubernetes --namespace ${namespace}` }
  const { connect } = account(access, 'write')
  const guards: FreezeGuard['guards'] = (workload) => workload.cluster === cluster && hasAdmissionKey(workload)

  return {
    name: `Kubernetes admission (${cluster})`,
    guards,

    async enforce(freezes, signal) {
      const ours = freezes.map((one) => ({ ...one, workloads: one.workloads.filter(guards) }))
      const wanted = admissionData(ours, command)
      const api = await connect()
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const current = await readFreezes(api, place, signal)
        const changes = difference(current.data, wanted)
        if (Object.keys(changes).length === 0) return
        if (await changeFreezes(api, place, changes, current.resourceVersion, signal)) return
      }
      throw aboutFreezes(
        place,
        `somebody else wrote it first, ${ATTEMPTS} times in a row; let nothing but incbot manage it`,
      )
    },

    async probe(frozen, signal) {
      const workloads = frozen.workloads.filter(guards)
      if (workloads.length === 0)
        return { state: 'unknown', text: `No workload of ${frozen.service.name} is in cluster ${cluster}.` }
      const api = await connect()
      const asked = workloads.map((one) => probeWorkload(api, frozen, one, { ...place, waitsMs, signal }))
      return together(await Promise.all(asked))
    },
  }
}

/** What to send so that exactly the wanted keys stand there. Other people's keys stay. */
function difference(
  current: Readonly<Record<string, string>>,
  wanted: ReadonlyMap<string, string>,
): Readonly<Record<string, string | null>> {
  const changed = [...wanted].filter(([key, value]) => current[key] !== value)
  const gone = Object.keys(current).filter((key) => isAdmissionKey(key) && !wanted.has(key))
  return Object.fromEntries([...changed, ...gone.map((key) => [key, null] as const)])
}

/** Of several workloads the worst counts: one that is open is a freeze that does not hold. */
function together(probes: readonly Probe[]): Probe {
  const worst = (['open', 'unknown'] as const).find((state) => probes.some((probe) => probe.state === state))
  const state = worst ?? 'proved'
  const texts = new Set(probes.flatMap((probe) => (probe.state === state ? (probe.text ?? []) : [])))
  return { state, ...(texts.size > 0 && { text: [...texts].join(' ') }) }
}
