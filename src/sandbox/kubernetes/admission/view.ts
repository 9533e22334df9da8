import type { KubeObject } from '../object.ts'
import type { Store, StoreEvent } from '../store.ts'
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from './policy.ts'

const SEEN: ReadonlySet<string> = new Set([
  'ConfigMap',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
])

const keyOf = (kind: string, namespace: string | undefined, name: string): string =>
  `${kind}/${namespace ?? ''}/${name}`

/** What admission knows of policies and their parameters: as the real one, it hears of a change only some time after it was made. */
export class AdmissionView {
  readonly #objects = new Map<string, KubeObject>()

  /** `later` puts an action off; it may run it at once. */
  constructor(store: Store, later: (action: () => void) => void) {
    store.listen((event) => {
      if (SEEN.has(event.kind)) later(() => this.#see(event))
    })
  }

  bindings(): readonly ValidatingAdmissionPolicyBinding[] {
    const bindings = [...this.#objects.values()].filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')
    // What is stored under a kind was admitted as that kind.
    return bindings as readonly KubeObject[] as readonly ValidatingAdmissionPolicyBinding[]
  }

  policy(name: string): ValidatingAdmissionPolicy | undefined {
    return this.#objects.get(keyOf('ValidatingAdmissionPolicy', undefined, name)) as
      | ValidatingAdmissionPolicy
      | undefined
  }

  parameters(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf('ConfigMap', namespace, name))
  }

  #see({ type, object }: StoreEvent): void {
    const key = keyOf(object.kind, object.metadata.namespace, object.metadata.name)
    if (type === 'DELETED') this.#objects.delete(key)
    else this.#objects.set(key, object)
  }
}
