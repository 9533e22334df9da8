import {
  type KubeObject,
  type KubernetesStandIn,
  type KubernetesStandInOptions,
  startKubernetesStandIn,
} from '../../../src/sandbox/kubernetes/index.ts'

export const ADMIN = {
  name: 'admin',
  token: 'admin-token',
  rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
}

/** May look at the namespace `default` and at nothing else. */
export const READER = {
  name: 'reader',
  token: 'reader-token',
  rules: [{ apiGroups: ['', 'apps'], resources: ['*'], verbs: ['get', 'list', 'watch'], namespaces: ['default'] }],
}

const running = new Set<KubernetesStandIn>()

/** A cluster with short pod times; `stopClusters` ends it. */
export async function startCluster(options: Partial<KubernetesStandInOptions> = {}): Promise<KubernetesStandIn> {
  const cluster = await startKubernetesStandIn({ users: [ADMIN, READER], podStartMs: 20, podStopMs: 15, ...options })
  running.add(cluster)
  return cluster
}

export async function stopClusters(): Promise<void> {
  const all = [...running]
  running.clear()
  await Promise.all(all.map((cluster) => cluster.stop()))
}

export const aNode = (name = 'node-a', memory = '16Gi'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { capacity: { cpu: '8', memory, pods: '110' } },
})

interface WorkloadDetails {
  readonly replicas?: number
  readonly memory?: string
  readonly [field: string]: unknown
}

const template = (app: string, memory: string) => ({
  metadata: { labels: { app } },
  spec: {
    containers: [
      { name: 'server', image: `${app}:1.0`, resources: { requests: { memory } } },
      { name: 'sidecar', image: 'sidecar:2.0', env: [{ name: 'MODE', value: 'quiet' }] },
    ],
  },
})

const workload =
  (kind: string, replicas: number | undefined) =>
  (name: string, { memory = '512Mi', ...spec }: WorkloadDetails = {}): KubeObject => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: name } },
      template: template(name, memory),
      ...spec,
    },
  })

export const aDeployment = workload('Deployment', 3)
export const aStatefulSet = workload('StatefulSet', 3)
export const aDaemonSet = workload('DaemonSet', undefined)

/** An autoscaler of the workload of the same name. */
export const anAutoscaler = (
  name: string,
  { kind = 'Deployment', min, max = 10 }: { readonly kind?: string; readonly min?: number; readonly max?: number } = {},
): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name, namespace: 'default' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind, name },
    ...(min !== undefined && { minReplicas: min }),
    maxReplicas: max,
  },
})

export const aBudget = (app: string, spec: object, name = app): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'default' },
  spec: { selector: { matchLabels: { app } }, ...spec },
})

interface Call {
  readonly body?: unknown
  readonly type?: string | undefined
  readonly token?: string
  readonly accept?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // JSON from the server, read by tests that know its shape; a wrong assumption fails the test.
  readonly body: Record<string, never> & { readonly [field: string]: unknown }
}

/** Sends one request over HTTP, as admin unless told otherwise; `type` is the body's content type. */
export async function call(
  cluster: KubernetesStandIn,
  method: string,
  path: string,
  details: Call = {},
): Promise<Answer> {
  const { body, type = 'application/json', token = ADMIN.token, accept } = details
  const response = await fetch(`${cluster.url}${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(accept ? { accept } : {}),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : { text }
  return { status: response.status, headers: response.headers, body: json }
}

export const STRATEGIC = 'application/strategic-merge-patch+json'
export const MERGE = 'application/merge-patch+json'
export const JSON_PATCH = 'application/json-patch+json'

/** The patch by which a rolling restart is asked for. */
export const restartPatch = (value: string, resourceVersion?: string) => ({
  ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }),
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': value } } } },
})

/** Waits until `condition` holds; fails with what it last saw. */
export async function until<T>(read: () => T, condition: (value: T) => boolean, deadlineMs = 3000): Promise<T> {
  const end = Date.now() + deadlineMs
  for (;;) {
    const value = read()
    if (condition(value)) return value
    if (Date.now() > end)
      throw new Error(`Not reached in ${deadlineMs} ms; last seen: ${JSON.stringify(value, undefined, 1)}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

// The fields that tests look at; every kind that has them has them in this shape.
interface Viewed extends KubeObject {
  readonly spec: { readonly [field: string]: unknown }
  readonly status: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    }[]
    readonly phase?: string
    readonly containerStatuses?: readonly {
      readonly name: string
      readonly ready: boolean
      readonly restartCount: number
      readonly lastState: { readonly terminated?: { readonly reason: string; readonly exitCode: number } }
    }[]
    readonly [field: string]: unknown
  }
}

export const see = (object: KubeObject | undefined): Viewed => {
  if (!object) throw new Error('There is no such object.')
  return object as Viewed
}

export const conditionOf = (object: KubeObject | undefined, type: string) =>
  object === undefined ? undefined : see(object).status.conditions?.find((condition) => condition.type === type)

export const isReady = (pod: KubeObject): boolean => conditionOf(pod, 'Ready')?.status === 'True'

/** Waits until a workload's status says that all its pods are of the present template and available. */
export const settled = (cluster: KubernetesStandIn, kind: string, name: string): Promise<KubeObject | undefined> =>
  until(
    () => cluster.get(kind, 'default', name),
    (object) => {
      const { status, spec, metadata } = see(object)
      const wanted = spec.replicas ?? status.desiredNumberScheduled
      const updated = status.updatedReplicas ?? status.updatedNumberScheduled
      const available = status.availableReplicas ?? status.numberAvailable
      const total = status.replicas ?? status.currentNumberScheduled
      const pods = cluster.list('Pod', 'default').filter((pod) => pod.metadata.labels?.app === name)
      const counts = [updated, available, total, pods.length]
      return status.observedGeneration === metadata.generation && counts.every((count) => (count ?? 0) === wanted)
    },
  )
