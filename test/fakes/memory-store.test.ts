import { storeContract } from '../contract/store-contract.ts'
import { memoryStore } from './memory-store.ts'

storeContract('the store in memory', async () => {
  const store = memoryStore()
  return { store, close: () => store.close() }
})
