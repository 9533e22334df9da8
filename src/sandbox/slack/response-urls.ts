import { randomBytes } from 'node:crypto'

const lifetimeMs = 30 * 60_000
const maxUses = 5

export interface ResponseTarget {
  readonly channel: string
  readonly user: string
  /** The message that was clicked; it is what `replace_original` and `delete_original` act upon. */
  readonly messageTs?: string
  readonly ephemeral?: boolean
  readonly threadTs?: string
}

type Spent = ResponseTarget | 'no_such_url' | 'used_url' | 'expired_url'

/** Response URLs: 5 uses within 30 minutes. */
export class ResponseUrls {
  readonly #now: () => number
  readonly #issued = new Map<string, { readonly target: ResponseTarget; readonly expiresAt: number; uses: number }>()
  /** Set once the server listens. */
  baseUrl = ''

  constructor(now: () => number) {
    this.#now = now
  }

  issue(kind: 'commands' | 'actions', target: ResponseTarget): string {
    const path = `/${kind}/${randomBytes(18).toString('base64url')}`
    this.#issued.set(path, { target, expiresAt: this.#now() + lifetimeMs, uses: 0 })
    return `${this.baseUrl}${path}`
  }

  /** Counts one use and says where it leads, or why it leads nowhere. */
  spend(path: string): Spent {
    const url = this.#issued.get(path)
    if (!url) return 'no_such_url'
    if (this.#now() > url.expiresAt) return 'expired_url'
    if (url.uses >= maxUses) return 'used_url'
    url.uses += 1
    return url.target
  }
}
