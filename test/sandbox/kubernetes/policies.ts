import type { KubeObject } from '../../../src/sandbox/kubernetes/index.ts'

const DEPLOYMENTS = {
  apiGroups: ['apps'],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['deployments'],
}

interface PolicySpec {
  readonly [field: string]: unknown
}

/** A policy about Deployments that refuses everything, changed by `spec`. */
export const aPolicy = (spec: PolicySpec = {}): KubeObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'no' },
  spec: {
    matchConstraints: { resourceRules: [DEPLOYMENTS] },
    validations: [{ expression: 'false', message: 'because' }],
    ...spec,
  },
})

export const aBinding = (spec: PolicySpec = {}): KubeObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'everywhere' },
  spec: { policyName: 'no', validationActions: ['Deny'], ...spec },
})

/** A rule about Deployments, changed by `rule`. */
export const aRule = (rule: PolicySpec = {}) => ({ ...DEPLOYMENTS, ...rule })

export const aConfigMap = (data: Readonly<Record<string, string>>, namespace = 'default'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace },
  data,
})
