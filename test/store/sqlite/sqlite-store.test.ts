import { durableStoreContract } from '../../contract/store/restart.ts'
import { storeContract } from '../../contract/store-contract.ts'
import { temporaryStore } from './temporary-store.ts'

storeContract('the SQLite store', temporaryStore)
durableStoreContract('the SQLite store', temporaryStore)
