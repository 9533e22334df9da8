import type { KubeObject, LabelSelector } from '../object.ts'

/** A rule says which requests concern a policy; `*` is everything. */
export interface ResourceRule {
  readonly apiGroups: readonly string[]
  readonly apiVersions: readonly string[]
  readonly operations: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly scope?: string
}

export interface MatchResources {
  readonly resourceRules?: readonly ResourceRule[]
  readonly excludeResourceRules?: readonly ResourceRule[]
  readonly namespaceSelector?: LabelSelector
  readonly objectSelector?: LabelSelector
}

export interface NamedExpression {
  readonly name: string
  readonly expression: string
}

export interface Validation {
  readonly expression: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
}

/** A policy as it is after defaulting and validation. */
export interface ValidatingAdmissionPolicy extends KubeObject {
  readonly spec: {
    readonly failurePolicy: 'Fail' | 'Ignore'
    readonly paramKind?: { readonly apiVersion: string; readonly kind: string }
    readonly matchConstraints: MatchResources
    readonly matchConditions?: readonly NamedExpression[]
    readonly variables?: readonly NamedExpression[]
    readonly validations: readonly Validation[]
  }
}

/** What puts a policy into force, and with which parameters. */
export interface ValidatingAdmissionPolicyBinding extends KubeObject {
  readonly spec: {
    readonly policyName: string
    readonly validationActions: readonly string[]
    readonly paramRef?: {
      readonly name: string
      readonly namespace?: string
      readonly parameterNotFoundAction: 'Allow' | 'Deny'
    }
    readonly matchResources?: MatchResources
  }
}

/** A write as admission sees it. */
export interface Attributes {
  readonly operation: 'CREATE' | 'UPDATE'
  readonly group: string
  readonly version: string
  /** Of the object, which for a scale is another one than the resource's. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly resource: string
  readonly subresource: string
  readonly namespace: string | undefined
  readonly name: string
  readonly user: string
  readonly dryRun: boolean
  readonly object: KubeObject
  readonly oldObject: KubeObject | undefined
}
