import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach } from '@jest/globals'
import { z } from 'zod'
import { auditExport, auditVerify } from '../../src/cli/audit.ts'
import type { Server } from '../../src/http/server.ts'
import type { AuditSource } from '../../src/ops/audit-route.ts'
import { createHealth } from '../../src/ops/health.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { startOpsServer } from '../../src/ops/server.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'
import { aCommit, anEntry, anIncident } from '../contract/records.ts'
import { leased } from '../contract/store/harness.ts'
import { aLog } from '../fakes/log.ts'

const OWNER = 'host-1 pid 42'
export const HASH = z.object({ incidentId: z.string(), sequence: z.int(), hash: z.string() })

let folder: string
const closing: (() => Promise<void>)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'incbot-audit-'))
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  rmSync(folder, { recursive: true })
})

/** The data directory of the test that runs. */
export const dataDir = (): string => folder

export async function aStore(): Promise<Store> {
  const store = await openSqliteStore({ path: join(folder, 'incbot.db'), ownerId: OWNER })
  closing.push(() => store.close())
  return store
}

/** Two incidents with five entries each, and one without any. */
export async function record(store: Store): Promise<void> {
  const lease = await leased(store)
  for (const id of ['pd-Q1', 'pd-Q2', 'pd-Q0']) {
    const texts = id === 'pd-Q0' ? [] : ['opened', 'asked', 'approved', 'ran', 'ended'].map((text) => `${id} ${text}`)
    const timeline = texts.map((text) => ({ ...anEntry(text), data: { by: 'U0ANA', list: [1, undefined] } }))
    await store.commit(aCommit(lease, { incident: anIncident({ id }), timeline }))
  }
}

/** The ops port of a bot; closed after the test. */
export async function anOpsServer(records: AuditSource, owner = OWNER): Promise<Server> {
  const health = createHealth({ probes: [], now: Date.now })
  const place = { host: '127.0.0.1', port: 0, log: aLog(), metrics: createMetrics() }
  const server = await startOpsServer({ ...place, health, audit: { records, owner } })
  closing.push(async () => {
    await server.stop(0)
    health.stop()
  })
  return server
}

/** A bot with records, as far as an audit sees one. */
export async function aBot(owner = OWNER): Promise<{ readonly store: Store; readonly server: Server }> {
  const store = await aStore()
  await record(store)
  return { store, server: await anOpsServer(store, owner) }
}

export function anOutput(take: (done: () => void) => void = (done) => done()) {
  const told = { out: '', err: '' }
  const stdout = new Writable({
    highWaterMark: 10,
    write(chunk, _encoding, done) {
      told.out += String(chunk)
      take(done)
    },
  })
  return { told, stdout, stderr: { write: (text: string) => (told.err += text) } }
}

export const envOf = (server?: Server) => ({
  INCBOT_DATA_DIR: folder,
  ...(server && { OPS_PORT: String(server.port), HOST: '0.0.0.0' }),
})

export async function exported(server?: Server, incident?: string) {
  // A slow reader, for which no more than one line fits.
  const output = anOutput(setImmediate)
  const code = await auditExport(incident, envOf(server), output)
  const { out, err } = output.told
  return { code, err, text: out, lines: out.split('\n').slice(0, -1) }
}

export async function verified(
  text: string | undefined,
  heads: readonly (readonly [string, string])[] = [],
  server?: Server,
) {
  const file = join(folder, 'export.jsonl')
  if (text !== undefined) writeFileSync(file, text)
  const output = anOutput()
  const args = { heads: heads.map(([, head]) => head), incidents: heads.map(([incident]) => incident) }
  const code = await auditVerify({ ...args, ...(text !== undefined && { file }) }, envOf(server), output)
  return { code, err: output.told.err, out: output.told.out.split('\n').slice(0, -1) }
}

/** As a note in PagerDuty has it. */
export function headOf(line: string | undefined): readonly [string, string] {
  const { incidentId, sequence, hash } = HASH.parse(JSON.parse(line ?? ''))
  return [incidentId, `${sequence}:${hash.slice(0, 16)}`]
}
