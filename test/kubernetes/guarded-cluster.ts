import { z } from 'zod'
import { admissionManifests } from '../../src/freeze/admission-policy.ts'
import { admissionGuard } from '../../src/kubernetes/admission-guard.ts'
import type { KubernetesStandIn, KubernetesStandInOptions, PolicyRule } from '../../src/sandbox/kubernetes/index.ts'
import { ADMIN, aDeployment, aStatefulSet, startCluster } from '../sandbox/kubernetes/cluster.ts'
import { kubeconfigOf } from './accounts.ts'

/** What `incbot install kubernetes` prints. */
export const MANIFESTS = admissionManifests({
  namespace: 'incbot',
  account: { kind: 'ServiceAccount', namespace: 'incbot', name: 'incbot-write' },
  namespaces: [],
})

/** The cluster's own kinds; the stand-in has no objects for rights. */
export const SERVED = MANIFESTS.filter(({ apiVersion }) => !apiVersion.startsWith('rbac.'))

const WORKLOADS = ['deployments', 'statefulsets', 'daemonsets']
const mayWrite: PolicyRule = {
  apiGroups: ['apps'],
  resources: WORKLOADS,
  verbs: ['get', 'patch'],
  namespaces: ['default'],
}

const mayFollow: PolicyRule = {
  apiGroups: ['', 'apps'],
  resources: ['pods', 'replicasets'],
  verbs: ['list'],
  namespaces: ['default'],
}

/** incbot's account for writing: workloads of one namespace, and what the printed Role grants. */
export const BOT = {
  name: 'system:serviceaccount:incbot:incbot-write',
  token: 'bot-token',
  rules: [mayWrite, mayFollow, ...printedRules()],
}

/** A pipeline, which is a service account like incbot. */
export const CI = {
  name: 'system:serviceaccount:argocd:argocd-application-controller',
  token: 'ci-token',
  rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
}

/** May write workloads, but was not given what `incbot install kubernetes` prints. */
export const WITHOUT_ROLE = { name: 'system:serviceaccount:incbot:other', token: 'other-token', rules: [mayWrite] }

/** As the bot, but may only look at the ConfigMap. */
export const LOOKER = {
  name: 'system:serviceaccount:incbot:looker',
  token: 'looker-token',
  rules: [mayWrite, ...printedRules().map((rule) => ({ ...rule, verbs: ['get'] }))],
}

/** A cluster with the Deployment `web`, the StatefulSet `db` and what `incbot install kubernetes` prints, or a part of that. */
export async function guardedCluster(
  installed = SERVED,
  options: Partial<KubernetesStandInOptions> = {},
): Promise<KubernetesStandIn> {
  const cluster = await startCluster({ users: [ADMIN, BOT, CI, WITHOUT_ROLE, LOOKER], ...options })
  cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'incbot' } })
  cluster.apply(aDeployment('web'))
  cluster.apply(aStatefulSet('db', { serviceName: 'db' }))
  for (const manifest of installed) cluster.apply(manifest)
  return cluster
}

/** Waits for a policy to count as long as these tests do: not at all. */
export const guardOf = (cluster: KubernetesStandIn, user = BOT.name, waitsMs: readonly number[] = []) =>
  admissionGuard(
    { cluster: 'prod', kubeconfig: kubeconfigOf(cluster, user), timeoutMs: 3_000 },
    { namespace: 'incbot', command: '/inc', waitsMs },
  )

function printedRules(): readonly PolicyRule[] {
  const rule = z.object({
    apiGroups: z.array(z.string()),
    resources: z.array(z.string()),
    resourceNames: z.array(z.string()),
    verbs: z.array(z.string()),
  })
  return MANIFESTS.filter(({ kind }) => kind === 'Role').flatMap(({ rules, metadata }) =>
    z
      .array(rule)
      .parse(rules)
      .map((one) => ({ ...one, namespaces: [metadata.namespace ?? ''] })),
  )
}
