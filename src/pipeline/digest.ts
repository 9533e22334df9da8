import { digestOf, isEmpty } from '../domain/digest.ts'
import type { Incident } from '../domain/incident.ts'
import type { DigestPlan, ScheduledCheck } from '../domain/schedule/schedule.ts'
import type { DigestPost, Ports } from './ports.ts'
import { watchesOf } from './scheduled-checks.ts'
import type { Turns } from './slots.ts'

/** Incidents that are read for one digest, the newest, and besides them those that are open. */
const READ = 500
const POST_MS = 60_000

/** The hand-off digest as turns. One slot is one message, however often it is run. */
export function digestTurns(
  ports: Pick<Ports, 'store' | 'now' | 'remediations' | 'catalogue' | 'runbooks'>,
  post: DigestPost,
  plan: DigestPlan,
  schedules: readonly ScheduledCheck[],
): Turns {
  return {
    kind: 'digest',
    name: 'hand-off',
    rhythm: plan.rhythm,
    // There is no time before it of which it could tell.
    beginsAtOnce: false,
    async run(slot, previous, { signal, isHeld }) {
      const now = ports.now()
      const digest = digestOf({
        since: previous,
        now,
        incidents: await incidentsOf(ports, schedules),
        freezes: await ports.store.activeFreezes(now),
        restarts: (kind) => ports.remediations.get(kind)?.restarts === true,
      })
      if (isEmpty(digest) && plan.whenEmpty === 'nothing') return
      const hold = { isHeld, signal: AbortSignal.any([signal, AbortSignal.timeout(POST_MS)]) }
      await post(`digest-${new Date(slot).toISOString()}`, digest, plan, hold)
    },
  }
}

async function incidentsOf(
  ports: Pick<Ports, 'store' | 'catalogue' | 'runbooks'>,
  schedules: readonly ScheduledCheck[],
): Promise<readonly Incident[]> {
  const { store } = ports
  const [newest, open, watches] = await Promise.all([
    store.incidents({ limit: READ }),
    store.incidents({ open: true, limit: READ }),
    watchesOf(ports, schedules),
  ])
  return [...new Map([...newest, ...open, ...watches].map((one) => [one.id, one])).values()]
}
