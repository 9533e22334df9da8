import type { KubeObject } from '../object.ts'
import { ApiError } from '../status-error.ts'
import type { Store } from '../store.ts'
import type { Bindings } from './cel.ts'
import { celValue } from './cel.ts'
import { type CompiledPolicy, compilePolicy } from './compile-policy.ts'
import { decide } from './decide.ts'
import { concerns } from './match.ts'
import type { Attributes, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from './policy.ts'
import type { AdmissionView } from './view.ts'

/** HTTP codes of the reasons that a validation may have. */
const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
  Invalid: 422,
}

/** Judges writes by the ValidatingAdmissionPolicies that are bound. */
export class Admission {
  readonly #store: Store
  readonly #view: AdmissionView
  readonly #compiled = new WeakMap<ValidatingAdmissionPolicy, CompiledPolicy>()

  constructor(store: Store, view: AdmissionView) {
    this.#store = store
    this.#view = view
  }

  /** Throws what the API server answers where a bound policy denies the write. Policies and bindings themselves are never judged. */
  admit(written: Attributes): void {
    if (written.group === 'admissionregistration.k8s.io') return
    for (const binding of this.#view.bindings()) {
      const policy = this.#view.policy(binding.spec.policyName)
      const message = policy && this.#denial(policy, binding, written)
      if (message !== undefined && binding.spec.validationActions.includes('Deny')) {
        throw denied(binding, written, message)
      }
    }
  }

  #denial(
    policy: ValidatingAdmissionPolicy,
    { spec }: ValidatingAdmissionPolicyBinding,
    written: Attributes,
  ): { readonly text: string; readonly reason: string } | undefined {
    const namespace = this.#store.get('Namespace', undefined, written.namespace ?? '')
    if (!concerns(policy.spec.matchConstraints, written, namespace)) return undefined
    if (spec.matchResources && !concerns(spec.matchResources, written, namespace)) return undefined
    const { paramRef } = spec
    const named = policy.spec.paramKind === undefined ? undefined : paramRef
    const params = named && this.#view.parameters(named.namespace ?? written.namespace, named.name)
    if (named && params === undefined) {
      if (named.parameterNotFoundAction === 'Allow') return undefined
      const text = 'no params found for policy binding with `Deny` parameterNotFoundAction'
      return policy.spec.failurePolicy === 'Fail'
        ? { text: `failed to configure binding: ${text}`, reason: 'Invalid' }
        : undefined
    }
    const refusal = decide(this.#programs(policy), bindingsOf(written, namespace, params))
    if (refusal === undefined) return undefined
    if (refusal.failed && policy.spec.failurePolicy === 'Ignore') return undefined
    return { text: refusal.text, reason: refusal.reason ?? 'Invalid' }
  }

  #programs(policy: ValidatingAdmissionPolicy): CompiledPolicy {
    const known = this.#compiled.get(policy)
    if (known) return known
    // Whatever does not compile was refused when the policy was created.
    const compiled = compilePolicy(policy.spec, () => undefined)
    this.#compiled.set(policy, compiled)
    return compiled
  }
}

function bindingsOf(written: Attributes, namespace: KubeObject | undefined, params: KubeObject | undefined): Bindings {
  const { group, version, kind, resource, subresource, name, operation, user, dryRun } = written
  const request = {
    kind,
    resource: { group, version, resource },
    subResource: subresource,
    requestKind: kind,
    requestResource: { group, version, resource },
    requestSubResource: subresource,
    name,
    namespace: written.namespace ?? '',
    operation,
    userInfo: { username: user, groups: ['system:authenticated'] },
    dryRun,
  }
  return {
    object: celValue(written.object),
    oldObject: celValue(written.oldObject),
    namespaceObject: celValue(namespace),
    params: celValue(params),
    request: celValue(request),
  }
}

/** In the words of `admission.NewForbidden`, with the code of the validation's reason. */
function denied(
  { spec, metadata }: ValidatingAdmissionPolicyBinding,
  { group, resource, name }: Attributes,
  { text, reason }: { readonly text: string; readonly reason: string },
): ApiError {
  const message = `ValidatingAdmissionPolicy '${spec.policyName}' with binding '${metadata.name}' denied request: ${text}`
  const qualified = group ? `${resource}.${group}` : resource
  return new ApiError(
    CODES[reason] ?? 422,
    reason,
    `${qualified} ${name ? `"${name}" ` : ''}is forbidden: ${message}`,
    {
      ...(name ? { name } : {}),
      ...(group ? { group } : {}),
      kind: resource,
      causes: [{ reason: '', message }],
    },
  )
}
