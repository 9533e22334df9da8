import type { Workload } from '../domain/service.ts'
import type { ClusterWriter } from '../remediations/cluster.ts'
import { RemediationError } from '../remediations/remediation.ts'
import { applied, patchAutoscaler, patchScale, patchWorkload, tried } from './changes.ts'
import type { ClusterAccess } from './connect.ts'
import { describe, toRead } from './describe.ts'
import { evict } from './evict.ts'
import { account, failedChange } from './failures.ts'
import { readOwnPods } from './own-pods.ts'
import { minimumPatch, restartPatch, rollBackPatch, scalePatch } from './patches.ts'
import { isPermitted } from './permissions.ts'
import { resize } from './resize.ts'
import { templateToRestore } from './roll-back.ts'
import { rolloutState } from './rollout.ts'
import { workloadState } from './workload-state.ts'
import { readWorkload } from './workloads.ts'

const STRATEGIC_MERGE = 'application/strategic-merge-patch+json'

/** A cluster with write credentials; needs what deploy/kubernetes/rbac-write.yaml grants, nothing more. */
export function clusterWriter(access: ClusterAccess): ClusterWriter {
  const { cluster } = access
  const { ask, connect } = account(access, 'write')
  return {
    target: (workload, signal) =>
      ask(`read ${describe(workload)}`, (api, need) => workloadState(api, need, workload, signal)),

    missingPermissions: (namespace, needed, signal) =>
      ask(`ask what is permitted in namespace ${namespace}`, async (api, need) => {
        const asked = needed.map((one) => isPermitted(api, namespace, one, signal))
        const permitted = await need('create selfsubjectaccessreviews', Promise.all(asked))
        return needed.filter((_, index) => permitted[index] !== true)
      }),

    rollout: (workload, signal) =>
      ask(`follow ${describe(workload)}`, async (api, need) => {
        const object = await need(toRead(workload), readWorkload(api, workload, signal))
        const { pods, sets } = await readOwnPods(api, need, workload, object, signal)
        return rolloutState(workload, object, pods, sets)
      }),

    async restart(workload, stamp, resourceVersion, signal) {
      const api = await connect()
      return applied(cluster, `restart of ${describe(workload)}`, () =>
        patchWorkload(api, workload, STRATEGIC_MERGE, restartPatch(stamp, resourceVersion), { signal }),
      )
    },

    async tryRestart(workload, stamp, signal) {
      const api = await connect()
      return tried(cluster, `restart of ${describe(workload)}`, signal, (manner) =>
        patchWorkload(api, workload, STRATEGIC_MERGE, restartPatch(stamp, undefined), manner),
      )
    },

    async pause(workload, signal) {
      requireDeployment(workload, 'paused')
      const api = await connect()
      try {
        await patchWorkload(api, workload, STRATEGIC_MERGE, { spec: { paused: true } }, { signal })
      } catch (error) {
        throw failedChange(cluster, `pause of ${describe(workload)}`, error)
      }
    },

    async rollBack(workload, toRevision, resourceVersion, signal) {
      requireDeployment(workload, 'rolled back')
      const template = await templateToRestore(ask, workload, toRevision, signal)
      const api = await connect()
      const patch = rollBackPatch(template, resourceVersion)
      return applied(cluster, `rollback of ${describe(workload)} to revision ${toRevision}`, () =>
        patchWorkload(api, workload, 'application/json-patch+json', patch, { signal }),
      )
    },

    scale: (workload, replicas, resourceVersion, signal) =>
      resize(cluster, ask, connect, workload, replicas, resourceVersion, signal),

    async tryScale(workload, replicas, signal) {
      const api = await connect()
      return tried(cluster, `scaling of ${describe(workload)} to ${replicas}`, signal, (manner) =>
        patchScale(api, workload, scalePatch(replicas, undefined), manner),
      )
    },

    async setMinimum(autoscaler, replicas, resourceVersion, signal) {
      const api = await connect()
      return applied(cluster, minimumOf(autoscaler, replicas), () =>
        patchAutoscaler(api, autoscaler, minimumPatch(replicas, resourceVersion), { signal }),
      )
    },

    async tryMinimum(autoscaler, replicas, signal) {
      const api = await connect()
      return tried(cluster, minimumOf(autoscaler, replicas), signal, (manner) =>
        patchAutoscaler(api, autoscaler, minimumPatch(replicas, undefined), manner),
      )
    },

    evict: async (namespace, pod, signal) => evict(cluster, await connect(), namespace, pod, signal),
  }
}

function minimumOf(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  replicas: number,
): string {
  return `minimum of ${replicas} for HorizontalPodAutoscaler ${namespace}/${name}`
}

function requireDeployment(workload: Workload, what: string): void {
  if (workload.kind === 'Deployment') return
  throw new RemediationError('none', `${describe(workload)} cannot be ${what}: only Deployments can.`)
}
