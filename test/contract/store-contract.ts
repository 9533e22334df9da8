import { afterEach, beforeEach, describe } from '@jest/globals'
import type { Store } from '../../src/store/store.ts'
import { commitContract } from './store/commit.ts'
import { dueSetContract } from './store/due-set.ts'
import { groupContract } from './store/groups.ts'
import { intakeContract } from './store/intake.ts'
import { leaseContract } from './store/leases.ts'
import { modelContract } from './store/model.ts'
import { queryContract } from './store/queries.ts'

export interface OpenedStore {
  readonly store: Store
  readonly close: () => Promise<void>
}

/**
 * What every store keeps, whichever database is behind it; `open` gives an empty one. A store that outlives its process also
 * keeps `durableStoreContract`.
 */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the store's contract:`, () => {
    let opened: OpenedStore
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.close())

    const store = () => opened.store
    intakeContract(store)
    groupContract(store)
    commitContract(store)
    dueSetContract(store)
    leaseContract(store)
    queryContract(store)
  })
  modelContract(name, open)
}
