import { createCatalogue } from '../../src/pipeline/catalogue.ts'
import type { Catalogue } from '../../src/pipeline/ports.ts'
import { pagerDutyServiceId, serviceName } from '../bot/office.ts'
import { type Measurement, median } from '../report.ts'

const MANY = 10_000
const FEW = 20
const ROUNDS = 15
const LOOK_UPS = 500_000
/** So many webhooks in turn: those of a busy hour are about few services, however many there are. */
const BUSY = 20

/** Finding the service of a webhook among ten thousand, against among twenty, in turn. */
export function routing(): Promise<readonly Measurement[]> {
  const few = createRouter(FEW)
  const many = createRouter(MANY)
  const rounds = Array.from({ length: ROUNDS }, () => ({ few: nanoseconds(few), many: nanoseconds(many) }))
  const counted = rounds.slice(2)
  return Promise.resolve([
    {
      name: 'routing',
      measured: `${median(counted.map((one) => one.many)).toFixed(0)} ns to find a webhook's service among ${MANY}`,
      against: `${median(counted.map((one) => one.few)).toFixed(0)} ns among ${FEW}`,
      ratio: median(counted.map((one) => one.many / one.few)),
      bar: 1.2,
      better: 'lower',
    },
  ])
}

interface Router {
  readonly catalogue: Catalogue
  /** Ids as webhooks bring them: bytes, of which a text is made each time. */
  readonly asked: readonly Buffer[]
}

function createRouter(services: number): Router {
  const catalogue = createCatalogue(
    Array.from({ length: services }, (_, index) => ({
      name: serviceName(index),
      pagerdutyServiceIds: [pagerDutyServiceId(index)],
      workloads: [],
      approvers: { users: [], groups: [] },
      memoryLimit: { from: 'workload' },
      mode: 'observe',
      freezeScope: 'all',
      units: 'binary',
    })),
  )
  const step = services / BUSY
  const asked = Array.from({ length: BUSY }, (_, index) => Buffer.from(pagerDutyServiceId(index * step)))
  return { catalogue, asked }
}

function nanoseconds({ catalogue, asked }: Router): number {
  let found = 0
  const began = performance.now()
  for (let index = 0; index < LOOK_UPS; index++) {
    const id = asked[index % asked.length]
    if (id !== undefined && catalogue.byPagerDutyId(id.toString()) !== undefined) found += 1
  }
  const took = performance.now() - began
  if (found !== LOOK_UPS) throw new Error('A service was not found')
  return (took * 1e6) / LOOK_UPS
}
