import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { AlertFacts } from '../../src/domain/alert.ts'
import { openMembers } from '../../src/domain/joined.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'
import { anAlert } from '../alertmanager/builders.ts'
import { until, world } from '../fakes/world.ts'
import { temporaryDirectory } from '../store/sqlite/temporary-store.ts'

const SERVICES = Array.from({ length: 50 }, (_, index) => `service-${index}`)
const EACH = 1_200
/** Time for machines that do other things as well: what is promised here is that nothing is lost, doubled or kept in memory. */
const WITHIN_MS = 300_000

let store: Store
let remove: () => void
beforeEach(async () => {
  const temporary = temporaryDirectory()
  remove = temporary.remove
  store = await openSqliteStore({ path: `${temporary.directory}/incbot.db`, ownerId: 'test' })
})
afterEach(async () => {
  await store.close()
  remove()
})

it('60,000 alerts over 50 services are 50 incidents in which every one is accounted for, and over when all of its alerts are', async () => {
  const { commands, errors, views, stop } = world({ store, groupWithinMs: 3_600_000, services: SERVICES })
  const storm = SERVICES.map(alertsOf)
  const heapBefore = liveBytes()
  // A notification for each service, and some of them again because an answer was lost.
  const receipts = await Promise.all([...storm, ...storm.slice(0, 5)].map((one) => commands.alerts(one)))
  expect(receipts.reduce((sum, { stored }) => sum + stored, 0)).toBe(60_000)
  expect(receipts.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(6_000)
  await until('drained', async () => (await store.depth(Date.now())).inbox === 0, WITHIN_MS)

  const incidents = await store.incidents({ limit: 1_000 })
  expect(incidents).toHaveLength(SERVICES.length)
  expect(new Set(incidents.map(({ service }) => service))).toEqual(new Set(SERVICES))
  for (const { id, joined, investigations } of incidents) {
    expect(joined).toMatchObject({ count: EACH - 1 })
    expect(joined && openMembers(joined)).toBe(EACH - 1)
    expect(investigations).toHaveLength(1)
    // One line for each alert, besides what incbot did itself.
    expect((await store.timeline(id)).filter(({ type }) => type === 'alertmanager.firing')).toHaveLength(EACH)
  }
  expect(Math.max(...incidents.map((one) => JSON.stringify(one).length))).toBeLessThan(25_000)
  // The fake projection keeps all that it was shown.
  views.length = 0
  expect(liveBytes() - heapBefore).toBeLessThan(50e6)

  const over = storm.slice(0, 5)
  for (const one of over) await commands.alerts(one.map((alert) => ({ ...alert, status: 'resolved' })))
  const open = async () => (await store.incidents({ open: true, limit: 1_000 })).length
  await until('over', async () => (await open()) === SERVICES.length - over.length, WITHIN_MS)
  expect(errors).toEqual([])
  await stop()
}, 900_000)

/** What is on the heap and in use. */
function liveBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('This Node does not collect on demand')
  collect()
  return process.memoryUsage().heapUsed
}

function alertsOf(service: string): readonly AlertFacts[] {
  const now = Date.now()
  return Array.from({ length: EACH }, (_, index) =>
    anAlert({ fingerprint: `${service.slice(8)}x${index}`, service, serviceName: service, at: now, startsAt: now }),
  )
}
