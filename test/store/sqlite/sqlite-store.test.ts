import { describe, expect, it } from '@jest/globals'
import { leased } from '../../contract/store/harness.ts'
import { durableStoreContract } from '../../contract/store/restart.ts'
import { storeContract } from '../../contract/store-contract.ts'
import { temporaryStore } from './temporary-store.ts'

storeContract('the SQLite store', temporaryStore)
durableStoreContract('the SQLite store', temporaryStore)

describe('the SQLite store over a restart', () => {
  it('gives leases out at once: whoever held one before is gone, since the file was locked', async () => {
    const { store, reopen, close } = await temporaryStore()
    const before = await leased(store, 'incident:pd-Q1', 'a')
    const after = await reopen()
    expect((await leased(after, 'incident:pd-Q1', 'b')).fence).toBeGreaterThan(before.fence)
    await close()
  })
})
