import type {
  AppsV1Api,
  AuthorizationV1Api,
  AutoscalingV2Api,
  ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  ObservableMiddleware,
  PolicyV1Api,
  VersionApi,
} from '@kubernetes/client-node'
import { readWarnings } from './warnings.ts'

/** Where a cluster and our account on it are described. Both absent: `KUBECONFIG`, or the pod's own account inside a cluster. */
export interface ClusterAccess {
  readonly cluster: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly timeoutMs: number
}

export interface ClusterApi {
  readonly core: CoreV1Api
  readonly apps: AppsV1Api
  readonly authorization: AuthorizationV1Api
  readonly autoscaling: AutoscalingV2Api
  readonly policy: PolicyV1Api
  /** Objects as the API server wrote them, with fields that the client library does not know; any group but the core one. */
  readonly raw: CustomObjectsApi
  readonly version: VersionApi
  /** Options for one call: its deadline, the content type of a patch, and where to put what the API server warns of. */
  options(signal: AbortSignal, patchType?: PatchType, warnings?: string[]): ConfigurationOptions<ObservableMiddleware>
}

export type PatchType =
  | 'application/strategic-merge-patch+json'
  | 'application/merge-patch+json'
  | 'application/json-patch+json'

/**
 * A connection that is made when it is first used: the client library alone costs a third of a second and tens of megabytes.
 * Rejects when the kubeconfig cannot be read; the next call tries again.
 */
export function lazyCluster(access: ClusterAccess): () => Promise<ClusterApi> {
  let connecting: Promise<ClusterApi> | undefined
  return () => {
    connecting ??= connect(access).catch((error: unknown) => {
      connecting = undefined
      throw error
    })
    return connecting
  }
}

async function connect(access: ClusterAccess): Promise<ClusterApi> {
  const k8s = await import('@kubernetes/client-node')
  const config = new k8s.KubeConfig()
  load(config, access)
  return {
    core: config.makeApiClient(k8s.CoreV1Api),
    apps: config.makeApiClient(k8s.AppsV1Api),
    authorization: config.makeApiClient(k8s.AuthorizationV1Api),
    autoscaling: config.makeApiClient(k8s.AutoscalingV2Api),
    policy: config.makeApiClient(k8s.PolicyV1Api),
    raw: config.makeApiClient(k8s.CustomObjectsApi),
    version: config.makeApiClient(k8s.VersionApi),
    options(signal, patchType, warnings) {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(access.timeoutMs)])
      const header =
        patchType === undefined
          ? k8s.setHeaderMiddleware('Accept', 'application/json')
          : k8s.setHeaderMiddleware('Content-Type', patchType)
      return {
        middleware: [
          {
            pre: (context) => {
              context.setSignal(deadline)
              return header.pre(context)
            },
            post: (context) => {
              warnings?.push(...readWarnings(context.headers.warning))
              return header.post(context)
            },
          },
        ],
        middlewareMergeStrategy: 'append',
      }
    },
  }
}

function load(config: KubeConfig, { kubeconfig, context }: ClusterAccess): void {
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
  } catch (error) {
    // Without its cause: an error in YAML quotes the lines around it, and in a kubeconfig these are tokens and keys.
    const [why] = error instanceof Error ? error.message.split('\n') : []
    throw new Error(`The kubeconfig ${kubeconfig ?? ''} cannot be read: ${why ?? 'unknown reason'}`)
  }
  if (context !== undefined) config.setCurrentContext(context)
  if (config.getCurrentCluster() === null)
    throw new Error(`The kubeconfig has no cluster for context ${config.getCurrentContext()}`)
}
