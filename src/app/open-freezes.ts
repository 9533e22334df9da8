import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { createAskedMemory } from '../freeze/asked-memory.ts'
import { createBlockedDeploys, type Report } from '../freeze/blocked-deploys.ts'
import { createFreezeMemory } from '../freeze/freeze-memory.ts'
import { type FreezeGate, freezeGate, type GateMeter } from '../freeze/gate.ts'
import type { FreezeGuard } from '../freeze/guard.ts'
import { createFreezeKeeper } from '../freeze/keeper.ts'
import type { Catalogue, Logger } from '../pipeline/ports.ts'
import type { Store } from '../store/store.ts'

export interface FreezeParts {
  readonly config: Pick<Config, 'gate' | 'slack' | 'services'>
  /** By the name of the variable that incbot.yaml gives. */
  readonly secrets: ReadonlyMap<string, string>
  readonly store: Pick<Store, 'activeFreezes' | 'setting' | 'setSetting'>
  readonly catalogue: () => Catalogue
  readonly guards: readonly FreezeGuard[]
  /** The pipeline's `receive`. */
  readonly report: Report
}

/** Everything by which freezes hold. */
export interface Freezes {
  readonly gate: FreezeGate
  /** A freeze was made, changed or lifted. */
  changed(): void
  /** Whether the store answers yet or not. */
  start(): Promise<void>
  /** After the last question to the gate, and before the pipeline and the store are closed. Takes about `graceMs` at most. */
  stop(graceMs: number): Promise<void>
}

const WAKE_EVERY_MS = 10_000
const LOAD_AGAIN_MS = 5_000
/** How old the gate's memory may be when the store goes away: a freeze that another replica made since is not in it. */
const REMEMBER_EVERY_MS = 5_000

/** Joins the gate, its memories, and the keeper of what is enforced elsewhere. Asks nobody anything before `start`. */
export function openFreezes(
  { config, secrets, store, catalogue, guards, report }: FreezeParts,
  { log, metrics, now }: { readonly log: Logger; readonly metrics: GateMeter; readonly now: () => number },
): Freezes {
  const freezes = createFreezeMemory(store)
  const asked = createAskedMemory({ store, now, log })
  const blocked = createBlockedDeploys({ report, log })
  const { tokens, staleForMs } = config.gate
  let wokenAt = Number.NEGATIVE_INFINITY
  let remembering: NodeJS.Timeout | undefined
  const gateTokens = tokens.map(({ name }) => name)
  const keeper = createFreezeKeeper({
    store: freezes,
    catalogue,
    guards,
    askedOf: asked,
    gateTokens,
    report,
    now,
    log,
  })
  let retry: NodeJS.Timeout | undefined
  let stopped = false

  /** A store that does not answer yet is asked again: the gate answers meanwhile, and refuses where it cannot tell. */
  async function remember(): Promise<void> {
    try {
      await asked.load(
        gateTokens,
        config.services.map(({ name }) => name),
      )
    } catch (error) {
      log.warn({ err: error }, 'When pipelines asked last could not be read; trying again')
      if (!stopped) retry = setTimeout(() => void remember(), LOAD_AGAIN_MS).unref()
    }
  }

  return {
    gate: freezeGate({
      tokens: tokens.map(({ name, tokenEnv }) => ({ name, token: secrets.get(tokenEnv) ?? '' })),
      catalogue,
      freezes,
      staleForMs,
      asked,
      blocked(refused, deploy) {
        blocked.note(refused, deploy)
        // Whoever was refused has asked here: the freeze's card need not wait for the next round to say so. Pipelines that
        // ask again and again must not keep the keeper running all the time.
        if (Math.abs(deploy.at - wokenAt) < WAKE_EVERY_MS) return
        wokenAt = deploy.at
        keeper.wake()
      },
      log,
      meter: metrics,
      now,
      command: config.slack.command,
    }),
    changed: () => keeper.wake(),
    async start() {
      await remember()
      keeper.start()
      remembering = setInterval(() => {
        // Whoever asks the gate meanwhile is told that the store does not answer.
        freezes.activeFreezes(now()).catch(() => undefined)
      }, REMEMBER_EVERY_MS).unref()
    },
    async stop(graceMs) {
      stopped = true
      clearTimeout(retry)
      clearInterval(remembering)
      await Promise.all([
        Promise.race([keeper.stop(), sleep(graceMs, undefined, { ref: false })]),
        blocked.stop(graceMs),
      ])
      await asked.flush()
    },
  }
}
