import { type Random, seededRandom } from '../../../src/sandbox/world/random.ts'

/** What can go wrong with a store that is a server of its own. */
export const REDIS_FAULTS = ['redis killed', 'redis frozen', 'redis restarted'] as const
export const BOT_FAULTS = ['bot killed', 'bot frozen', 'bot frozen past its leases', 'bot restarted'] as const
export const DISK_FAULTS = ['disk full'] as const
export const CLOCK_FAULTS = ['clock jumps'] as const
export const WEBHOOK_FAULTS = ['webhook lost', 'webhook late', 'webhook twice at once', 'webhook answer lost'] as const
export const SLACK_FAULTS = [
  'slack takes a message, says nothing',
  'slack takes an edit, says nothing',
  'slack takes a file, says nothing',
  'slack 429',
  'slack 503',
  'slack cuts a call',
] as const
export const SOCKET_FAULTS = ['slack asks to reconnect'] as const
export const PAGERDUTY_FAULTS = [
  'pagerduty takes a note, says nothing',
  'pagerduty 429',
  'pagerduty 500',
  'pagerduty is not json',
] as const
export const KUBERNETES_FAULTS = [
  'kubernetes changes, answer lost',
  'kubernetes 409',
  'kubernetes 410',
  'kubernetes 500',
  'kubernetes cuts a read',
] as const
export const PROMETHEUS_FAULTS = [
  'prometheus hangs',
  'prometheus truncates',
  'prometheus wrong json',
  'prometheus 503',
] as const

export type FaultKind =
  | (typeof REDIS_FAULTS)[number]
  | (typeof BOT_FAULTS)[number]
  | (typeof DISK_FAULTS)[number]
  | (typeof CLOCK_FAULTS)[number]
  | (typeof WEBHOOK_FAULTS)[number]
  | (typeof SLACK_FAULTS)[number]
  | (typeof SOCKET_FAULTS)[number]
  | (typeof PAGERDUTY_FAULTS)[number]
  | (typeof KUBERNETES_FAULTS)[number]
  | (typeof PROMETHEUS_FAULTS)[number]

/** One thing that is to go wrong. */
export interface PlannedFault {
  /** After the beginning. */
  readonly atMs: number
  readonly kind: FaultKind
  /** Which bot, where it concerns one. */
  readonly bot: number
  /** Between 0 and 1: how long it lasts, within what its kind may. */
  readonly strength: number
}

/** Everything that chance decides about one history, so that it can be lived again with fewer faults. */
export interface Plan {
  readonly seed: number
  readonly bots: number
  readonly storage: 'sqlite' | 'redis' | 'sentinel'
  readonly socketMode: boolean
  /** How long faults come. */
  readonly overMs: number
  readonly faults: readonly PlannedFault[]
}

/** The first faults come when the bots have something to do. */
const FIRST_MS = 3_000

/** What may go wrong where: half of it is about the bots and their store, which is what replicas are for. */
function groupsOf({ storage, socketMode }: Pick<Plan, 'storage' | 'socketMode'>): readonly (readonly FaultKind[])[] {
  const deaths: readonly (readonly FaultKind[])[] = [
    BOT_FAULTS,
    BOT_FAULTS,
    BOT_FAULTS,
    CLOCK_FAULTS,
    ...(storage === 'sqlite' ? [DISK_FAULTS] : [REDIS_FAULTS, REDIS_FAULTS]),
  ]
  const others: readonly (readonly FaultKind[])[] = [
    WEBHOOK_FAULTS,
    WEBHOOK_FAULTS,
    SLACK_FAULTS,
    SLACK_FAULTS,
    PAGERDUTY_FAULTS,
    KUBERNETES_FAULTS,
    PROMETHEUS_FAULTS,
  ]
  return [...deaths, ...others, ...(socketMode ? [SOCKET_FAULTS] : [])]
}

/** `count` faults within `overMs`, in order of time. */
export function drawPlan(options: {
  readonly seed: number
  readonly bots: number
  readonly storage: Plan['storage']
  readonly socketMode: boolean
  readonly count: number
  readonly overMs: number
}): Plan {
  const { seed, bots, storage, socketMode, overMs } = options
  const random = seededRandom(seed)
  const groups = groupsOf(options)
  const faults = Array.from({ length: options.count }, (): PlannedFault => {
    const kinds = pickOne(random, groups)
    return {
      atMs: Math.round(random.between(FIRST_MS, FIRST_MS + overMs)),
      kind: pickOne(random, kinds),
      bot: Math.floor(random.between(0, bots)),
      strength: random.between(0, 1),
    }
  })
  return { seed, bots, storage, socketMode, overMs, faults: faults.toSorted((left, right) => left.atMs - right.atMs) }
}

function pickOne<T>(random: Random, items: readonly T[]): T {
  const [first, ...others] = items
  if (first === undefined) throw new Error('There is nothing to choose from.')
  return random.pick([first, ...others])
}

/** A plan as text, one fault a line, for whoever must find out what went wrong. */
export function planText({ seed, bots, storage, socketMode, faults }: Plan): string {
  const lines = faults.map(
    ({ atMs, kind, bot, strength }) =>
      `  ${(atMs / 1000).toFixed(1).padStart(6)} s  ${kind} (bot ${bot}, strength ${strength.toFixed(2)})`,
  )
  return [`seed ${seed}, ${bots} bots on ${storage}${socketMode ? ', Socket Mode' : ''}:`, ...lines].join('\n')
}
