import { listen } from '../http.ts'
import { applyAsAdmin, kindNamed } from './admin.ts'
import { Admission } from './admission/admission.ts'
import { AdmissionView } from './admission/view.ts'
import { autoscalerController } from './controllers/autoscaler.ts'
import { daemonSetController } from './controllers/daemon-set.ts'
import { deploymentController } from './controllers/deployment.ts'
import { disruptionBudgetController } from './controllers/disruption-budget.ts'
import { eventRecorder } from './controllers/events.ts'
import { garbageCollector } from './controllers/garbage.ts'
import { kubelet, type PodStart } from './controllers/kubelet.ts'
import { ControlLoop, type Controller } from './controllers/loop.ts'
import { nodeRegistration } from './controllers/nodes.ts'
import { replicaSetController } from './controllers/replica-set.ts'
import { scheduler } from './controllers/scheduler.ts'
import { statefulSetController } from './controllers/stateful-set.ts'
import { deleteObject } from './deletion.ts'
import { type Fault, type FaultMatch, Faults } from './http/faults.ts'
import { apiHandler, type RecordedRequest } from './http/handler.ts'
import { apiRoutes } from './http/routes.ts'
import { kubeconfigText } from './kubeconfig.ts'
import type { KubeObject } from './object.ts'
import type { KubernetesUser, PolicyRule } from './rbac.ts'
import { Registry } from './registry.ts'
import { servedResource } from './resources.ts'
import { Store } from './store.ts'
import { selfSignedIdentity } from './tls.ts'

export type { KubeObject, KubernetesUser, PolicyRule }

/**
 * Times in milliseconds; `podStartMs` may be somebody who says of each pod when it has started; `now` gives the time of day for
 * timestamps (default: the real one).
 */
export interface KubernetesStandInOptions {
  readonly users: readonly KubernetesUser[]
  readonly podStartMs: PodStart
  readonly podStopMs: number
  readonly now?: () => number
  /** How long it takes until a changed policy, binding or parameter counts; on a real cluster that is not at once. Default 0. */
  readonly admissionDelayMs?: number
}

/** A Kubernetes cluster in memory: a strict API server with the controllers that matter. */
export interface KubernetesStandIn {
  /** Plain HTTP. Clients that send tokens over it (such as `@kubernetes/client-node` with `skipTLSVerify`) are served. */
  readonly url: string
  /** The same API over TLS with the certificate that `kubeconfig` carries; kubectl sends tokens over TLS only. */
  readonly secureUrl: string
  readonly requests: readonly RecordedRequest[]
  /** As cluster administrator, whom no admission policy judges here: creates the object or replaces it, its status included. Throws `ApiError` as the API would. */
  apply(object: KubeObject): KubeObject
  get(kind: string, namespace: string | undefined, name: string): KubeObject | undefined
  list(kind: string, namespace?: string): readonly KubeObject[]
  /** Deletes as `kubectl delete` does; a running pod is gone `podStopMs` later. Throws if there is no such object. */
  remove(kind: string, namespace: string | undefined, name: string): void
  /** Ends a pod's first container, which its node starts again in place after `podStartMs`. Throws if it is not running. */
  killPod(namespace: string, name: string, termination: { readonly reason: string; readonly exitCode: number }): void
  /** Tells of every container that starts: of a new pod, and after `killPod`. */
  onPodRunning(listener: (pod: KubeObject) => void): void
  onPodGone(listener: (pod: KubeObject) => void): void
  /** YAML for one user. Throws for a user that is not in the options. */
  kubeconfig(userName: string): string
  /** Spoils the next `times` (default 1) requests that match, before authentication. */
  failNext(match: FaultMatch, reply: Fault, times?: number): void
  /** Forgets the watch history: every watch and page token from an older version gets `410 Expired`. */
  compact(): void
  stop(): Promise<void>
}

/** Starts an empty cluster with the namespaces `default` and `kube-system` on free loopback ports. */
export async function startKubernetesStandIn(options: KubernetesStandInOptions): Promise<KubernetesStandIn> {
  const { users, podStartMs, podStopMs, now = Date.now, admissionDelayMs = 0 } = options
  const store = new Store()
  const view = new AdmissionView(store, (action) =>
    admissionDelayMs === 0 ? action() : loop.later(admissionDelayMs, action),
  )
  const registry = new Registry(store, now, new Admission(store, view))
  const record = eventRecorder(registry)
  const onRunning = new Set<(pod: KubeObject) => void>()
  const onGone = new Set<(pod: KubeObject) => void>()
  const nodes = kubelet(registry, record, {
    podStartMs,
    podStopMs,
    later: (ms, action) => loop.later(ms, action),
    onRunning: (pod) => {
      for (const listener of onRunning) listener(pod)
    },
  })
  const controllers: readonly Controller[] = [
    nodeRegistration(registry),
    deploymentController(registry, record),
    replicaSetController(registry, record),
    statefulSetController(registry, record),
    daemonSetController(registry, record),
    scheduler(registry, record),
    nodes,
    disruptionBudgetController(registry),
    autoscalerController(registry, record),
    garbageCollector(registry),
  ]
  const loop = new ControlLoop(registry, controllers)
  store.listen(({ kind, type, object }) => {
    if (kind === 'Pod' && type === 'DELETED') for (const listener of onGone) listener(object)
  })
  for (const name of ['default', 'kube-system']) {
    applyAsAdmin(registry, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }

  const requests: RecordedRequest[] = []
  const faults = new Faults()
  const handler = apiHandler({ users, route: apiRoutes(registry), faults, now, requests })
  const identity = selfSignedIdentity(Date.now())
  const [plain, secure] = await Promise.all([listen(handler), listen(handler, identity)])

  const find = (kind: string, namespace: string | undefined, name: string) =>
    store.get(kindNamed(kind), namespace, name)
  const missing = (kind: string, namespace: string | undefined, name: string): Error =>
    new Error(`The Kubernetes stand-in has no ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}.`)

  return {
    url: plain.url,
    secureUrl: secure.url,
    requests,
    apply: (object) => applyAsAdmin(registry, object),
    get: find,
    list: (kind, namespace) => store.list(kindNamed(kind), namespace),
    remove(kind, namespace, name) {
      const object = find(kind, namespace, name)
      if (!object) throw missing(kind, namespace, name)
      deleteObject(registry, servedResource(kindNamed(kind)), object)
    },
    killPod(namespace, name, termination) {
      const pod = store.get('Pod', namespace, name)
      if (!pod) throw missing('Pod', namespace, name)
      nodes.kill(pod, termination)
    },
    onPodRunning: (listener) => void onRunning.add(listener),
    onPodGone: (listener) => void onGone.add(listener),
    kubeconfig(userName) {
      const user = users.find(({ name }) => name === userName)
      if (!user) throw new Error(`The Kubernetes stand-in has no user ${userName}.`)
      return kubeconfigText(secure.url, identity.cert, user.token)
    },
    failNext: (match, reply, times = 1) => faults.plan(match, reply, times),
    compact: () => store.compact(),
    async stop() {
      loop.stop()
      await Promise.all([plain.stop(), secure.stop()])
    },
  }
}
