import { FREEZES } from '../freeze/admission-data.ts'
import type { ClusterApi } from './connect.ts'
import { apiFailure } from './errors.ts'
import { said } from './failures.ts'

/** Where the ConfigMap of freezes is, and the command that makes it. */
export interface FreezesPlace {
  readonly cluster: string
  readonly namespace: string
  readonly installing: string
}

export interface FreezesMap {
  readonly data: Readonly<Record<string, string>>
  readonly resourceVersion: string | undefined
}

/** What stands in the ConfigMap. Rejects with a sentence that says what is missing and what makes it. */
export async function readFreezes(api: ClusterApi, place: FreezesPlace, signal: AbortSignal): Promise<FreezesMap> {
  const { namespace } = place
  try {
    const { data = {}, metadata } = await api.core.readNamespacedConfigMap(
      { namespace, name: FREEZES },
      api.options(signal),
    )
    return { data, resourceVersion: metadata?.resourceVersion }
  } catch (error) {
    throw failed(place, 'get', error)
  }
}

/** Changes some of its keys; null removes one, as a merge patch has it. Resolves with false where somebody wrote first; rejects as reading does. */
export async function changeFreezes(
  api: ClusterApi,
  place: FreezesPlace,
  data: Readonly<Record<string, string | null>>,
  resourceVersion: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const body = { metadata: { resourceVersion }, data }
  try {
    await api.core.patchNamespacedConfigMap(
      { namespace: place.namespace, name: FREEZES, body, fieldManager: 'incbot' },
      api.options(signal, 'application/merge-patch+json'),
    )
    return true
  } catch (error) {
    if (apiFailure(error).status === 409) return false
    throw failed(place, 'patch', error)
  }
}

/** "Cluster prod, ConfigMap incbot/incbot-freezes: …" */
export function aboutFreezes({ cluster, namespace }: FreezesPlace, why: string, cause?: unknown): Error {
  return new Error(`Cluster ${cluster}, ConfigMap ${namespace}/${FREEZES}: ${why}.`, { cause })
}

function failed(place: FreezesPlace, verb: string, error: unknown): Error {
  const failure = apiFailure(error)
  const { installing } = place
  if (failure.status === 403) {
    const role = `\`${installing}\` prints the Role that allows it, for the account that --service-account names`
    const why = `its account for \`write\` lacks the permission to ${verb} it (403); ${role}`
    return aboutFreezes(place, why, error)
  }
  if (failure.status === 404) {
    const why = `it does not exist, so this cluster enforces no freeze; \`${installing} | kubectl apply -f -\` makes it and the policy that reads it`
    return aboutFreezes(place, why, error)
  }
  return aboutFreezes(place, said(failure), error)
}
