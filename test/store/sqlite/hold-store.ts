import { openSqliteStore } from '../../../src/store/sqlite/open.ts'

// Opens the store that is named first and holds it until it is killed.
await openSqliteStore({ path: process.argv[2] ?? '', ownerId: 'the-holder pid 4242' })
process.stdout.write('open\n')
setInterval(() => undefined, 1000)
