import type { BlockedDeploy } from '../../src/domain/freeze.ts'
import { createAskedMemory } from '../../src/freeze/asked-memory.ts'
import { createFreezeMemory } from '../../src/freeze/freeze-memory.ts'
import { type FreezeGateOptions, freezeGate } from '../../src/freeze/gate.ts'
import { mainRoutes } from '../../src/http/routes.ts'
import { type Server, startServer } from '../../src/http/server.ts'
import type { Catalogue } from '../../src/pipeline/ports.ts'
import type { Store } from '../../src/store/store.ts'
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

type Changes = Partial<FreezeGateOptions> & {
  /** What the gate reads from, in place of the store in memory. */
  readonly reading?: Pick<Store, 'activeFreezes'>
}

/** The gate behind the main port, over a store in memory; the clock stands still half an hour into `NOW`. */
export async function aGateServer({ reading, ...changes }: Changes = {}) {
  const log = aLog()
  const store = memoryStore()
  const questions: [string, string][] = []
  const blocked: [string, BlockedDeploy][] = []
  const now = () => NOW + 1_800_000
  const asked = createAskedMemory({ store, now, log })
  const freezes = createFreezeMemory(reading ?? store)
  const gate = freezeGate({
    tokens: [{ name: 'ci', token: TOKEN }],
    catalogue: () => catalogue,
    freezes,
    staleForMs: 300_000,
    asked,
    blocked: (refused, deploy) => void blocked.push(...refused.map(({ id }): [string, BlockedDeploy] => [id, deploy])),
    log,
    meter: { gateQuestion: (service, result) => void questions.push([service, result]) },
    now,
    ...changes,
  })
  const pagerDuty = async () => ({ status: 202, body: { status: 'stored' } })
  const server: Server = await startServer({ host: '127.0.0.1', port: 0, routes: mainRoutes({ pagerDuty, gate }), log })
  return { server, url: server.url, store, freezes, log, questions, asked, blocked }
}
