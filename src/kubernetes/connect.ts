import type {
  AppsV1Api,
  ConfigurationOptions,
  CoreV1Api,
  KubeConfig,
  ObservableMiddleware,
  VersionApi,
} from '@kubernetes/client-node'

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
  readonly version: VersionApi
  /** Options for one call: its deadline, and the content type of a patch. */
  options(signal: AbortSignal, patchType?: string): ConfigurationOptions<ObservableMiddleware>
}

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
    version: config.makeApiClient(k8s.VersionApi),
    options(signal, patchType) {
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
            post: (context) => header.post(context),
          },
        ],
        middlewareMergeStrategy: 'append',
      }
    },
  }
}

function load(config: KubeConfig, { kubeconfig, context }: ClusterAccess): void {
  if (kubeconfig === undefined) config.loadFromDefault()
  else config.loadFromFile(kubeconfig)
  if (context !== undefined) config.setCurrentContext(context)
  if (config.getCurrentCluster() === null)
    throw new Error(`The kubeconfig has no cluster for context ${config.getCurrentContext()}`)
}
