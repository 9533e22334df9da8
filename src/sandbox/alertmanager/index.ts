import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprint, type HeldAlert, type Labels, payload } from './payload.ts'

export interface AlertmanagerStandInOptions {
  /** Where notifications go. */
  readonly url: string
  /** As `http_config` has it. */
  readonly authorization?: { readonly bearer: string } | { readonly username: string; readonly password: string }
  readonly groupBy: readonly string[]
  /** 0: no limit, as by default. */
  readonly maxAlerts?: number
  readonly retryAfterMs?: number
  /** How often a notification is tried; the real one tries for as long as `group_interval`. */
  readonly tries?: number
  readonly now?: () => number
}

/** One request to the receiver. */
export interface Sent {
  readonly groupKey: string
  readonly alerts: number
  /** 0 where no answer came. */
  readonly status: number
}

export interface AlertmanagerStandIn {
  /** An alert begins, or goes on. Labels are checked as Alertmanager does. */
  fire(labels: Labels, annotations?: Labels): void
  /** It ends. Throws where it does not fire. */
  resolve(labels: Labels): void
  /**
   * Tells the receiver of every group, whether it changed or not, as after `repeat_interval`. Resolves with whether all of them arrived.
   * What has ended is forgotten once it was told.
   */
  notify(): Promise<boolean>
  /** Every request so far, oldest first. */
  readonly sent: readonly Sent[]
}

const TIMEOUT_MS = 10_000

/**
 * Sends what Alertmanager's webhook receiver sends, and takes answers as it does: 2xx is received, 5xx or no answer is tried again, anything
 * else is dropped with everything in it.
 */
export function alertmanagerStandIn(options: AlertmanagerStandInOptions): AlertmanagerStandIn {
  const { url, authorization, groupBy, maxAlerts = 0, retryAfterMs = 50, tries = 3, now = Date.now } = options
  const held = new Map<string, HeldAlert>()
  const sent: Sent[] = []

  async function post(body: ReturnType<typeof payload>): Promise<number> {
    const { groupKey, alerts } = body
    const status = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Alertmanager/0.27.0',
        ...(authorization && { authorization: header(authorization) }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).then(
      async (response) => {
        await response.arrayBuffer()
        return response.status
      },
      () => 0,
    )
    sent.push({ groupKey, alerts: alerts.length, status })
    return status
  }

  async function deliver(groupLabels: Labels, alerts: readonly HeldAlert[]): Promise<boolean> {
    const shown = maxAlerts === 0 ? alerts : alerts.slice(0, maxAlerts)
    const body = payload('incbot', { groupLabels, alerts: shown, truncatedAlerts: alerts.length - shown.length })
    for (let tried = 0; tried < tries; tried += 1) {
      const status = await post(body)
      if (status >= 200 && status < 300) return true
      if (status !== 0 && status < 500) return false
      await sleep(retryAfterMs)
    }
    return false
  }

  return {
    sent,
    fire(labels, annotations = {}) {
      requireLabels(labels)
      const key = fingerprint(labels)
      const before = held.get(key)
      const startsAt = before === undefined || before.endsAt !== undefined ? now() : before.startsAt
      held.set(key, { labels, annotations, startsAt })
    },
    resolve(labels) {
      const alert = held.get(fingerprint(labels))
      if (alert === undefined) throw new Error(`No alert fires with ${JSON.stringify(labels)}`)
      held.set(fingerprint(labels), { ...alert, endsAt: now() })
    },
    async notify() {
      const groups = groupsOf([...held.values()], ({ labels }) => JSON.stringify(groupBy.map((name) => labels[name])))
      const arrived = await Promise.all(
        [...groups.values()].map(async (alerts) => {
          const told = [...alerts]
          if (!(await deliver(pick(told[0]?.labels ?? {}, groupBy), told))) return false
          for (const alert of told) {
            const key = fingerprint(alert.labels)
            if (alert.endsAt !== undefined && held.get(key) === alert) held.delete(key)
          }
          return true
        }),
      )
      return arrived.every(Boolean)
    },
  }
}

function requireLabels(labels: Labels): void {
  if (labels.alertname === undefined) throw new Error('An alert without alertname is none of Prometheus’')
  for (const [name, value] of Object.entries(labels)) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a label`)
    if (value === '') throw new Error(`${name} is empty, which is the same as absent`)
  }
}

function header(authorization: NonNullable<AlertmanagerStandInOptions['authorization']>): string {
  if ('bearer' in authorization) return `Bearer ${authorization.bearer}`
  const { username, password } = authorization
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function pick(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)))
}

/** `Map.groupBy`, which Node 20 does not have. */
function groupsOf(alerts: readonly HeldAlert[], keyOf: (alert: HeldAlert) => string): Map<string, HeldAlert[]> {
  const groups = new Map<string, HeldAlert[]>()
  for (const alert of alerts) groups.set(keyOf(alert), [...(groups.get(keyOf(alert)) ?? []), alert])
  return groups
}
