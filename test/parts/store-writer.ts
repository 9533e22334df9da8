import { writeSync } from 'node:fs'
import { sqliteCode } from '../../src/store/sqlite/database.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'
import { aCommit, anEntry, anEvent, anIncident, arrive, NOW } from '../contract/records.ts'

// A process to be killed. Arguments: the store's file, a prefix for its ids, how many events (0: until killed), how many at once.
// It prints one line per acknowledged event, `ack <id>`, and per rejected one, `rejected <id> <code>`; and works through an
// incident of its own, one commit per round.
const [path = '', prefix = '', count = '0', atOnce = '1'] = process.argv.slice(2)

/** Blocking, so that what is printed has left the process before anything else happens. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

async function receive(store: Store, id: string): Promise<void> {
  try {
    const answer = await arrive(store, 'pd-Q1', anEvent(id), [id], NOW)
    say(answer === 'stored' ? `ack ${id}` : `duplicate ${id}`)
  } catch (error) {
    say(`rejected ${id} ${sqliteCode(error) ?? String(error)}`)
  }
}

/** Version, title and timeline of this incident move together, or the store is not atomic. */
async function work(store: Store): Promise<void> {
  const lease = await store.acquire('incident:worked-on', prefix, 60_000, NOW)
  if (!lease) throw new Error('The lease of a killed process was not cleared.')
  const expectedVersion = (await store.incident('worked-on'))?.version ?? 0
  const version = expectedVersion + 1
  const incident = anIncident({ id: 'worked-on', title: `version ${version}` })
  const due = [{ key: `project:${version}`, at: NOW }]
  const result = await store.commit(
    aCommit(lease, { incident, expectedVersion, timeline: [anEntry(`version ${version}`)], due }),
  )
  if (result === 'committed') say(`committed ${version}`)
}

const store = await openSqliteStore({ path, ownerId: prefix })
say('ready')
for (let next = 0; count === '0' || next < Number(count); next += Number(atOnce)) {
  await Promise.all(Array.from({ length: Number(atOnce) }, (_, index) => receive(store, `${prefix}-${next + index}`)))
  if (count === '0') await work(store)
}
say('done')
process.exit(0)
