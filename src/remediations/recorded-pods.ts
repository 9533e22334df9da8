import { z } from 'zod'
import type { PodIdentity } from './cluster.ts'

/** No name of a pod has it. */
const SEPARATOR = '='

/** Pods as a record keeps them: "name=uid". */
export function recordPods(pods: readonly PodIdentity[]): readonly string[] {
  return pods.map(({ name, uid }) => `${name}${SEPARATOR}${uid}`)
}

export const recordedPods = z.array(z.string().includes(SEPARATOR)).transform((all) =>
  all.map((text): PodIdentity => {
    const at = text.indexOf(SEPARATOR)
    return { name: text.slice(0, at), uid: text.slice(at + 1) }
  }),
)
