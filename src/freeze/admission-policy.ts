import { FREEZES, POLICY, PREFIXES, PROBE_ANNOTATION } from './admission-data.ts'

/** Who incbot is in the cluster when it changes workloads. */
export type AdmissionAccount =
  | { readonly kind: 'ServiceAccount'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'User'; readonly name: string }

export interface AdmissionOptions {
  /** Where incbot lives, and its ConfigMap. */
  readonly namespace: string
  readonly account: AdmissionAccount
  /** The namespaces in which freezes are enforced; empty: all. */
  readonly namespaces: readonly string[]
}

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly [field: string]: unknown
}

const labelled = { labels: { 'app.kubernetes.io/name': 'incbot' } }

/** Everything that a cluster needs to refuse frozen deploys by itself: policy, binding, the ConfigMap of freezes, and the right to fill it. */
export function admissionManifests(options: AdmissionOptions): readonly Manifest[] {
  return [policy(options), binding(options), freezes(options), ...rights(options)]
}

/**
 * Core CEL only. What happens first decides what an error can do: conditions that cannot fail come before everything, so that an error, which
 * refuses the change (`failurePolicy: Fail`), is possible for a frozen workload only.
 */
function policy({ account }: AdmissionOptions): Manifest {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: POLICY, ...labelled },
    spec: {
      failurePolicy: 'Fail',
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['deployments', 'statefulsets', 'daemonsets'],
          },
        ],
      },
      matchConditions: [
        {
          name: 'deploys',
          expression: "request.operation == 'CREATE' || object.spec.template != oldObject.spec.template",
        },
        {
          // Its restarts and rollbacks were approved. Service accounts are not exempt: pipelines are service accounts.
          name: 'is-not-incbot-itself',
          expression: `request.userInfo.username != ${text(userName(account))} || (has(object.metadata.annotations) && '${PROBE_ANNOTATION}' in object.metadata.annotations)`,
        },
      ],
      variables: [
        {
          name: 'workload',
          expression: "request.namespace + '.' + request.kind.kind + '.' + object.metadata.name",
        },
        {
          name: 'frozen',
          expression: `has(params.data) && ('${PREFIXES.frozen}' + variables.workload) in params.data`,
        },
        {
          name: 'exempted',
          expression: `variables.frozen && ('${PREFIXES.exempt}' + variables.workload) in params.data && has(object.metadata.labels) && object.metadata.labels.exists(key, params.data['${PREFIXES.exempt}' + variables.workload].contains('|' + key + '=' + object.metadata.labels[key] + '|'))`,
        },
      ],
      validations: [
        {
          expression: '!variables.frozen || variables.exempted',
          // Without string() its type is not known, and the API server would not take it.
          messageExpression: `string(params.data['${PREFIXES.frozen}' + variables.workload])`,
          message: 'Deploys of this workload are frozen by incbot.',
          reason: 'Forbidden',
        },
      ],
    },
  }
}

function binding({ namespace, namespaces }: AdmissionOptions): Manifest {
  const values = [...namespaces]
  const matchExpressions = [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }]
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: POLICY, ...labelled },
    spec: {
      policyName: POLICY,
      validationActions: ['Deny', 'Audit'],
      paramRef: { name: FREEZES, namespace, parameterNotFoundAction: 'Allow' },
      ...(values.length > 0 && { matchResources: { namespaceSelector: { matchExpressions } } }),
    },
  }
}

/** Without data, so that applying it again takes no freeze away. */
function freezes({ namespace }: AdmissionOptions): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: FREEZES, namespace, ...labelled } }
}

function rights({ namespace, account }: AdmissionOptions): readonly Manifest[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const metadata = { name: FREEZES, namespace, ...labelled }
  const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [FREEZES], verbs: ['get', 'patch'] }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: FREEZES }
  const subject = account.kind === 'User' ? { ...account, apiGroup: 'rbac.authorization.k8s.io' } : account
  return [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects: [subject] },
  ]
}

/** As the API server names it in `request.userInfo`. */
export function userName(account: AdmissionAccount): string {
  return account.kind === 'User' ? account.name : `system:serviceaccount:${account.namespace}:${account.name}`
}

/** JSON's escapes are CEL's too. */
const text = (value: string): string => JSON.stringify(value)
