import { RemediationError } from '../remediations/remediation.ts'
import type { ClusterAccess, ClusterApi } from './connect.ts'
import { lazyCluster } from './connect.ts'
import type { ApiFailure } from './errors.ts'
import { apiFailure } from './errors.ts'

/** Waits for one call; `permission` is what it takes, to be named where it is missing. */
export type Need = <T>(permission: string, call: Promise<T>) => Promise<T>

/** Puts a question that changes nothing, so that its failures are failures without effect. */
export type Ask = <T>(what: string, put: (api: ClusterApi, need: Need) => Promise<T>) => Promise<T>

/** An account on a cluster that is asked with `ask`; `use` says which of incbot's two accounts it is. */
export function account(
  access: ClusterAccess,
  use: 'read' | 'write',
): { readonly ask: Ask; readonly connect: () => Promise<ClusterApi> } {
  const connecting = lazyCluster(access)
  const refused = (what: string, why: string, cause: unknown) =>
    new RemediationError('none', `Cluster ${access.cluster}, ${what}: ${why}.`, cause)

  async function connect(): Promise<ClusterApi> {
    try {
      return await connecting()
    } catch (error) {
      throw refused('connect', `the kubeconfig for \`${use}\` cannot be used (${apiFailure(error).message})`, error)
    }
  }

  return {
    connect,
    async ask(what, put) {
      const need: Need = async (permission, call) => {
        try {
          return await call
        } catch (error) {
          const failure = apiFailure(error)
          const forbidden = `not allowed (403): its account for \`${use}\` lacks the permission to ${permission}; deploy/kubernetes/rbac-${use}.yaml grants it`
          throw refused(what, failure.status === 403 ? forbidden : said(failure), error)
        }
      }
      return put(await connect(), need)
    },
  }
}

/** Refusals change nothing, nor does what never arrived; silence, a broken answer or a 5xx may follow after it was done. */
function effectOf({ status, neverSent }: ApiFailure): 'none' | 'unknown' {
  const definite = status === undefined ? neverSent : status >= 300 && status < 500 && status !== 408
  return definite ? 'none' : 'unknown'
}

/** A change that failed; what was found out before anything was sent stays as it is. */
export function failedChange(cluster: string, what: string, error: unknown): RemediationError {
  if (error instanceof RemediationError) return error
  const failure = apiFailure(error)
  return new RemediationError(effectOf(failure), `Cluster ${cluster}, ${what}: ${said(failure)}.`, error)
}

export function said({ status, message, timedOut }: ApiFailure): string {
  if (timedOut) return 'no answer in time'
  return status === undefined ? `no answer (${message})` : `${status} ${message}`
}
