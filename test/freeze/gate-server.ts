import { type FreezeGateOptions, freezeGate } from '../../src/freeze/gate.ts'
import { mainRoutes } from '../../src/http/routes.ts'
import { type Server, startServer } from '../../src/http/server.ts'
import type { Catalogue } from '../../src/pipeline/ports.ts'
import { aService } from '../builders.ts'
import { NOW } from '../contract/records.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'

export const TOKEN = 'gate-token'

const services = [aService(), aService({ name: 'checkout' })]
const catalogue: Catalogue = {
  services,
  byName: (name) => services.find((one) => one.name === name),
  byPagerDutyId: () => undefined,
}

/** The gate behind the main port, over a store in memory; the clock stands still an hour into `NOW`. */
export async function aGateServer(changes: Partial<FreezeGateOptions> = {}) {
  const log = aLog()
  const store = memoryStore()
  const questions: [string, string][] = []
  const gate = freezeGate({
    tokens: [{ name: 'ci', token: TOKEN }],
    catalogue: () => catalogue,
    store,
    log,
    meter: { gateQuestion: (service, result) => void questions.push([service, result]) },
    now: () => NOW + 1_800_000,
    ...changes,
  })
  const pagerDuty = async () => ({ status: 202, body: { status: 'stored' } })
  const server: Server = await startServer({ host: '127.0.0.1', port: 0, routes: mainRoutes({ pagerDuty, gate }), log })
  return { server, url: server.url, store, log, questions }
}
