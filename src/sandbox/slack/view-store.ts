import { MethodRefusal } from './refusal.ts'
import type { SlackViewRecord } from './types.ts'
import type { Workspace } from './workspace.ts'

const maxStack = 3

interface OpenView {
  readonly id: string
  readonly user: string
  hash: string
  view: Readonly<Record<string, unknown>>
  errors?: Readonly<Record<string, string>>
}

/** Open modals as one stack per person, and home tabs. */
export class ViewStore {
  readonly #workspace: Workspace
  readonly #stacks = new Map<string, OpenView[]>()
  readonly #homes = new Map<string, OpenView>()

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  open(user: string, view: Readonly<Record<string, unknown>>): OpenView {
    const opened = this.#fresh(user, view)
    this.#stacks.set(user, [opened])
    return opened
  }

  push(user: string, view: Readonly<Record<string, unknown>>): OpenView {
    const stack = this.#stacks.get(user) ?? []
    if (stack.length === 0) throw new MethodRefusal('not_found')
    if (stack.length >= maxStack) throw new MethodRefusal('push_limit_reached')
    const pushed = this.#fresh(user, view)
    stack.push(pushed)
    return pushed
  }

  publish(user: string, view: Readonly<Record<string, unknown>>, hash: string | undefined): OpenView {
    const home = this.#homes.get(user)
    if (home && hash !== undefined && hash !== home.hash) throw new MethodRefusal('hash_conflict')
    const published = home ? this.#replace(home, view) : this.#fresh(user, view)
    this.#homes.set(user, published)
    return published
  }

  update(found: OpenView, view: Readonly<Record<string, unknown>>, hash: string | undefined): OpenView {
    if (hash !== undefined && hash !== found.hash) throw new MethodRefusal('hash_conflict')
    return this.#replace(found, view)
  }

  /** By view id or external id. Throws `not_found`. */
  find(by: { readonly viewId?: string | undefined; readonly externalId?: string | undefined }): OpenView {
    const all = [...[...this.#stacks.values()].flat(), ...this.#homes.values()]
    const found = all.find(
      ({ id, view }) => id === by.viewId || (by.externalId !== undefined && view.external_id === by.externalId),
    )
    if (!found) throw new MethodRefusal('not_found')
    return found
  }

  /** Closes the top view, or all of that person's modals. */
  close(user: string, all: boolean): void {
    const stack = this.#stacks.get(user) ?? []
    this.#stacks.set(user, all ? [] : stack.slice(0, -1))
  }

  openViews(): readonly SlackViewRecord[] {
    return [...[...this.#stacks.values()].flat(), ...this.#homes.values()].map((view) => ({ ...view }))
  }

  #fresh(user: string, view: Readonly<Record<string, unknown>>): OpenView {
    return { id: this.#workspace.nextId('V'), user, hash: this.#hash(), view }
  }

  #replace(found: OpenView, view: Readonly<Record<string, unknown>>): OpenView {
    found.view = view
    found.hash = this.#hash()
    delete found.errors
    return found
  }

  #hash(): string {
    return `${Math.floor(this.#workspace.now() / 1000)}.${this.#workspace.nextId('h')}`
  }
}

export type { OpenView }
