import type { PodIdentity, RolloutPod } from './cluster.ts'
import { names } from './words.ts'

const MEANING: Readonly<Record<string, string>> = {
  CrashLoopBackOff: 'crashes again and again',
  OOMKilled: 'was killed for memory',
  ImagePullBackOff: 'cannot get its image',
  ErrImagePull: 'cannot get its image',
  InvalidImageName: 'cannot get its image',
  CreateContainerConfigError: 'cannot be configured',
}

/** What went wrong with new pods, in a sentence; undefined while nothing did. */
export function troubleOf(pods: readonly RolloutPod[]): string | undefined {
  const bad = pods.filter(isBad)
  if (bad.length === 0) return undefined
  return `${names(bad.map(inWords))}.`
}

/** Those that were not there before, whatever their template: a partition makes the successor of an old pod an old one. */
export function newSince(before: readonly PodIdentity[], pods: readonly RolloutPod[]): readonly RolloutPod[] {
  return pods
    .filter(({ uid }) => !before.some((one) => one.uid === uid))
    .map((pod) => (pod.state === 'old' && pod.trouble !== undefined ? { ...pod, state: 'failing' } : pod))
}

/** A pod that was killed for memory is bad even while it is being started once more. */
function isBad({ state, trouble }: RolloutPod): boolean {
  return state === 'failing' || (trouble === 'OOMKilled' && (state === 'starting' || state === 'ready'))
}

function inWords({ name, trouble, restarts }: RolloutPod): string {
  const what = trouble === undefined ? 'does not come up' : (MEANING[trouble] ?? 'does not come up')
  const times = restarts > 0 ? `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'} so far` : ''
  return `${name} is new and ${what}${trouble === undefined ? '' : ` (${trouble}${times})`}`
}

/** Says it only when it was so twice in a row: one look may meet a pod between two states. */
export function twice(): (now: string | undefined) => string | undefined {
  let before: string | undefined
  return (now) => {
    const lasting = before === undefined ? undefined : now
    before = now
    return lasting
  }
}
