import { setTimeout as sleep } from 'node:timers/promises'
import type { MortalBot } from '../mortal-bot.ts'
import type { StormTown } from './storm-town.ts'

const DRAINED_WITHIN_MS = 120_000
/** A details post that is kept back returns sooner than this. */
const QUIET_MS = 12_000

/** Resident memory at its most until `over`, MB. */
export async function mostMemory(bot: MortalBot, over: AbortSignal): Promise<number> {
  let most = 0
  while (!over.aborted) {
    most = Math.max(most, (await bot.metrics())?.get('process_resident_memory_bytes') ?? 0)
    await sleep(1_000)
  }
  return Math.round(most / 1e6)
}

/** CPU time that the bot has used so far, ms. A bot that does not say is asked again. */
export async function cpuMs(bot: MortalBot, attempts = 20): Promise<number> {
  const seconds = (await bot.metrics())?.get('process_cpu_seconds_total')
  if (seconds === undefined && attempts > 1) return cpuMs(bot, attempts - 1)
  return (seconds ?? Number.NaN) * 1_000
}

/** ms until nothing is left to be read or said. What is due later, such as the end of an offer, is no work. */
export async function drained({ slack }: StormTown, bot: MortalBot): Promise<number> {
  const start = Date.now()
  let quietSince = start
  let calls = -1
  for (;;) {
    const figures = await bot.metrics()
    const idle = figures?.get('incbot_inbox_events') === 0 && figures.get('incbot_slack_calls_waiting') === 0
    if (!idle || slack.calls.length !== calls) quietSince = Date.now()
    calls = slack.calls.length
    if (Date.now() - quietSince > QUIET_MS) return quietSince - start
    if (Date.now() - start > DRAINED_WITHIN_MS + QUIET_MS) {
      const left = [...(figures ?? [])].filter(([name]) => /inbox|due_items|waiting/.test(name))
      throw new Error(`Not drained: ${JSON.stringify(left)}`)
    }
    await sleep(250)
  }
}

/** What the bot logged that no storm excuses. */
export function faults({ logs }: MortalBot): readonly string[] {
  const fault = /Unhandled rejection|Activity failed|Check failed|does not hold its lease|Job failed/
  return logs.filter((line) => fault.test(line)).map((line) => line.slice(0, 300))
}
