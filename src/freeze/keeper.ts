import { randomUUID } from 'node:crypto'
import type { EnforcementPoint, Freeze } from '../domain/freeze.ts'
import { within } from '../ops/deadline.ts'
import type { Catalogue, Logger } from '../pipeline/ports.ts'
import type { AskedMemory } from './asked-memory.ts'
import type { Report } from './blocked-deploys.ts'
import type { FreezeMemory } from './freeze-memory.ts'
import type { FreezeGuard } from './guard.ts'
import { guardedBy, isNews, pointsOf } from './survey.ts'
import { type Tended, tendGuard } from './tend-guard.ts'

export interface FreezeKeeperOptions {
  /** The gate's: what is read here is what it answers from while the store is away. */
  readonly store: Pick<FreezeMemory, 'activeFreezes'>
  readonly catalogue: () => Catalogue
  readonly guards: readonly FreezeGuard[]
  readonly askedOf: Pick<AskedMemory, 'last' | 'load'>
  /** Names of the tokens that may ask the gate. */
  readonly gateTokens: readonly string[]
  readonly report: Report
  readonly now: () => number
  readonly log: Logger
  readonly every?: { readonly ms: number; readonly afterFailureMs: number; readonly deadlineMs: number }
}

/** Makes what guards enforce equal to the freezes that hold, and tells their incidents where they are enforced. */
export interface FreezeKeeper {
  /** A freeze was made, changed or lifted. Returns at once; during a run it causes one more. */
  wake(): void
  /** Runs at once and from then on by itself. */
  start(): void
  /** No more runs; waits for the one under way, which is bounded. */
  stop(): Promise<void>
}

const EVERY = { ms: 60_000, afterFailureMs: 10_000, deadlineMs: 10_000 }

/**
 * Level-triggered: each run looks at the freezes that hold now and forgets how they came about, so that a crash, a lost wake-up or a hand that
 * emptied a guard's memory is made good by the next one. Guards are looked after side by side, each within its deadline.
 */
export function createFreezeKeeper(options: FreezeKeeperOptions): FreezeKeeper {
  const { store, catalogue, guards, askedOf, gateTokens, report, now, log, every = EVERY } = options
  const tended = guards.map((guard) => tendGuard(guard, { now, withinMs: every.deadlineMs }))
  /** What incidents were told last, by the id of the freeze. After a restart they are told once more. */
  const told = new Map<string, readonly EnforcementPoint[]>()
  const troubles = new Map<string, string | undefined>()
  let state: 'new' | 'idle' | 'running' | 'running-again' | 'stopped' = 'new'
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  /** In how many ms to look again. Never rejects. */
  async function run(): Promise<number> {
    try {
      const freezes = await within(every.deadlineMs, () => store.activeFreezes(now()))
      const { byName } = catalogue()
      // What pipelines asked other replicas counts as well.
      const services = [...new Set(freezes.map(({ service }) => service))]
      await within(every.deadlineMs, () => askedOf.load(gateTokens, services))
      const results = await Promise.all(
        tended.map(async (one) => {
          const { guard } = one
          const result = await one.tend(guardedBy(guard, freezes, byName))
          noteTrouble(guard.name, result.trouble)
          return { guard, result }
        }),
      )
      // Another replica may have changed a freeze, and told the guards, while this one was about to tell them what held before.
      const overtaken = !isEqual(freezes, await within(every.deadlineMs, () => store.activeFreezes(now())))
      for (const id of told.keys()) if (!freezes.some((freeze) => freeze.id === id)) told.delete(id)
      const reports = await Promise.all(freezes.map((freeze) => survey(freeze, results)))
      if (overtaken) return 0
      const isWell = reports.every(Boolean) && results.every(({ result }) => result.trouble === undefined)
      // A freeze that ends is lifted then, and not with the next round.
      const ends = freezes.map(({ until }) => Math.max(0, until - now()))
      return Math.min(isWell ? every.ms : every.afterFailureMs, ...ends)
    } catch (error) {
      log.error({ err: error }, 'Freezes could not be read, so what guards enforce stays as it is')
      return every.afterFailureMs
    }
  }

  /** Once for each trouble, and once when it is over. */
  function noteTrouble(guard: string, trouble: string | undefined): void {
    if (troubles.get(guard) === trouble) return
    troubles.set(guard, trouble)
    if (trouble === undefined) log.info({ guard }, 'Freezes are enforced again')
    else log.warn({ guard, trouble }, 'A freeze may not be enforced')
  }

  async function survey(
    freeze: Freeze,
    results: readonly { readonly guard: FreezeGuard; readonly result: Tended }[],
  ): Promise<boolean> {
    const proofs = results.flatMap(({ guard, result }) => {
      const proof = result.proofs.get(freeze.id)
      return proof === undefined ? [] : [{ guard, proof }]
    })
    const service = catalogue().byName(freeze.service)
    const askedAt = (token: string) => askedOf.last(token, freeze.service)
    const points = pointsOf({ freeze, service, proofs, gateTokens, askedAt })
    if (!isNews(told.get(freeze.id), points)) return true
    const event = { type: 'enforcement-surveyed', freezeId: freeze.id, points } as const
    try {
      await within(every.deadlineMs, () =>
        report(freeze.incidentId, event, [`enforcement:${freeze.id}:${randomUUID()}`]),
      )
      told.set(freeze.id, points)
      return true
    } catch (error) {
      log.warn({ err: error, freeze: freeze.id }, 'Where a freeze is enforced could not be recorded')
      return false
    }
  }

  function begin(): void {
    clearTimeout(timer)
    state = 'running'
    running = run().then((againInMs) => {
      if (state === 'stopped') return
      const again = state === 'running-again'
      state = 'idle'
      if (again) begin()
      else timer = setTimeout(begin, againInMs).unref()
    })
  }

  return {
    wake() {
      if (state === 'running') state = 'running-again'
      else if (state === 'idle') begin()
    },
    start() {
      if (state === 'new') begin()
    },
    async stop() {
      state = 'stopped'
      clearTimeout(timer)
      await running
    },
  }
}

function isEqual(some: readonly Freeze[], others: readonly Freeze[]): boolean {
  const text = (freezes: readonly Freeze[]): string =>
    JSON.stringify(freezes.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
  return text(some) === text(others)
}
