import { join } from 'node:path'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { openOffice, pagerDutyServiceId } from '../bot/office.ts'
import { startBot } from '../bot/process.ts'
import { withDirectory } from '../directory.ts'
import type { Measurement } from '../report.ts'
import { compareIntake, type IntakeRates } from './compare.ts'
import { syncMs } from './disk.ts'

const SERVICES = 50
const BAR = 0.5

/** Webhooks a second that incbot has stored on the disk before it says 202, against a server that stores nothing. */
export function intakeIntoSqlite(): Promise<readonly Measurement[]> {
  return withDirectory(async (directory) => {
    const office = await openOffice({ directory, services: SERVICES, checks: [] })
    const bot = await startBot(office.env, join(directory, 'log'))
    const services = Array.from({ length: SERVICES }, (_, index) => pagerDutyServiceId(index))
    let rates: IntakeRates
    try {
      rates = await compareIntake(bot.port, services)
    } finally {
      await bot.stop()
      await office.slack.stop()
    }
    const stored = storedEvents(join(directory, 'data', 'incbot.db'))
    if (stored !== rates.accepted)
      throw new Error(`incbot has answered ${rates.accepted} webhooks with 202 and stored ${stored}`)
    const disk = syncMs(directory)
    return [
      {
        name: 'intake-sqlite',
        measured: `${rates.botPerSecond.toFixed(0)} webhooks/s, each on a disk that takes ${disk.toFixed(1)} ms to sync`,
        against: `${rates.barePerSecond.toFixed(0)}/s of a bare server`,
        ratio: rates.ratio,
        bar: BAR,
        better: 'higher',
      },
    ]
  })
}

/** PagerDuty's events that the store knows. */
function storedEvents(file: string): number {
  const database = openDatabase(file, 1_000)
  try {
    const count = database.query<{ count: number }>(
      "SELECT count(*) AS count FROM seen_keys WHERE key LIKE 'pd-event:%'",
    )
    return count.get()?.count ?? 0
  } finally {
    database.abandon()
  }
}
