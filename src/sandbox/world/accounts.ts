import type { KubernetesUser } from '../kubernetes/index.ts'

const LOOK = ['get', 'list', 'watch']
const MAY_LOOK = [
  { apiGroups: [''], resources: ['namespaces', 'nodes', 'pods', 'events'], verbs: LOOK },
  {
    apiGroups: ['apps'],
    resources: ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    verbs: LOOK,
  },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: LOOK },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: LOOK },
]

export type Account = 'read' | 'write' | 'admin'

/** The bot's two accounts, of which one may change the workloads of one namespace, and one for whoever wants to look around with kubectl. */
export function accounts(
  namespace: string,
  workloads: 'deployments' | 'statefulsets',
): Readonly<Record<Account, KubernetesUser>> {
  const here = { namespaces: [namespace] }
  const mayChange = [
    { apiGroups: ['apps'], resources: [workloads, `${workloads}/scale`], verbs: ['patch'], ...here },
    { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['patch'], ...here },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'], ...here },
  ]
  return {
    read: { name: 'incbot-read', token: 'sandbox-read-token', rules: MAY_LOOK },
    write: { name: 'incbot-write', token: 'sandbox-write-token', rules: [...MAY_LOOK, ...mayChange] },
    admin: {
      name: 'admin',
      token: 'sandbox-admin-token',
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    },
  }
}
