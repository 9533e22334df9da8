import { MethodRefusal } from './refusal.ts'

const lifetimeMs = 3000

/** Trigger ids: they let an app open a view as the answer to a person's act, once, within 3 s. */
export class Triggers {
  readonly #now: () => number
  readonly #issued = new Map<string, { readonly user: string; readonly expiresAt: number; used: boolean }>()

  constructor(now: () => number) {
    this.#now = now
  }

  issue(user: string): string {
    const id = `${this.#now()}.${this.#issued.size + 1}.${Math.random().toString(16).slice(2, 18)}`
    this.#issued.set(id, { user, expiresAt: this.#now() + lifetimeMs, used: false })
    return id
  }

  /** The person who acted. Throws what Slack answers for unknown, used and stale ids. */
  spend(id: string): string {
    const trigger = this.#issued.get(id)
    if (!trigger) throw new MethodRefusal('invalid_trigger_id')
    if (trigger.used) throw new MethodRefusal('exchanged_trigger_id')
    if (this.#now() > trigger.expiresAt) throw new MethodRefusal('expired_trigger_id')
    trigger.used = true
    return trigger.user
  }
}
