import { RESTARTED_AT } from './rollout.ts'

/** Makes a changing request fail with 409 if the object is no longer the one that was read; undefined for a dry run, which needs no fence. */
type Fence = string | undefined

export function restartPatch(stamp: string, resourceVersion: Fence): object {
  return { ...fenced(resourceVersion), spec: { template: { metadata: { annotations: { [RESTARTED_AT]: stamp } } } } }
}

/** For the scale subresource, which carries the workload's own `resourceVersion`. */
export function scalePatch(replicas: number, resourceVersion: Fence): object {
  return { ...fenced(resourceVersion), spec: { replicas } }
}

export function minimumPatch(minReplicas: number, resourceVersion: Fence): object {
  return { ...fenced(resourceVersion), spec: { minReplicas } }
}

/**
 * A JSON patch, because a merge cannot remove what the newer template has added. A stale version is a conflict (409) only where it is
 * replaced: a failed `test` is answered like any invalid request (422).
 */
export function rollBackPatch(template: object, resourceVersion: string): object {
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'add', path: '/spec/paused', value: false },
  ]
}

function fenced(resourceVersion: Fence): object {
  return resourceVersion === undefined ? {} : { metadata: { resourceVersion } }
}
