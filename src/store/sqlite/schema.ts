import { StoreError } from '../store-error.ts'
import { type Database, transaction } from './database.ts'

/** Times are ms since the epoch. A released migration is never edited: a change is a new one at the end. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE seen_keys (key TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE inbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    event TEXT NOT NULL
  );
  CREATE INDEX inbox_by_incident ON inbox (incident_id, sequence);

  CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    service TEXT,
    open INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX incidents_by_time ON incidents (opened_at);

  CREATE TABLE timeline (
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    entry TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (incident_id, sequence)
  ) WITHOUT ROWID;

  -- A replaced row gets a new number: that is the ticket.
  CREATE TABLE due (ticket INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, at INTEGER NOT NULL);
  CREATE INDEX due_by_time ON due (at);

  -- The row outlives the lease, so that fences of one key only grow. A free lease has no owner.
  CREATE TABLE leases (key TEXT PRIMARY KEY, owner TEXT, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE deliveries (key TEXT PRIMARY KEY, incident_id TEXT NOT NULL, record TEXT NOT NULL);
  CREATE INDEX deliveries_by_incident ON deliveries (incident_id);

  CREATE TABLE freezes (
    id TEXT PRIMARY KEY,
    service TEXT NOT NULL,
    ends_at INTEGER NOT NULL,
    lifted INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX freezes_by_end ON freezes (lifted, ends_at);

  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE probes (id INTEGER PRIMARY KEY, count INTEGER NOT NULL);
  `,
  `
  CREATE TABLE group_leaders (key TEXT PRIMARY KEY, incident_id TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX group_leaders_by_incident ON group_leaders (incident_id);
  CREATE TABLE joined (incident_id TEXT PRIMARY KEY, leader_id TEXT NOT NULL, joined_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX joined_by_time ON joined (joined_at);
  CREATE INDEX incidents_open ON incidents (service, opened_at) WHERE open = 1;
  `,
  // What happened to one service lately is asked often, and must not read what happened to all.
  'CREATE INDEX incidents_by_service ON incidents (service, opened_at, id);',
]

/**
 * Brings the file's schema up to this incbot's, one transaction per step, so that a crash in between is finished at the next start.
 * Throws, and changes nothing, when a later incbot wrote the file.
 */
export function migrate(database: Database, path: string, migrations: readonly string[] = MIGRATIONS): void {
  const current = requireKnownSchema(database, path, migrations.length)
  for (const [index, migration] of migrations.entries()) {
    const version = index + 1
    if (version <= current) continue
    transaction(database, () => {
      database.exec(`
        CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY);
        ${migration};
        INSERT INTO schema_versions (version) VALUES (${version});
      `)
    })
  }
}

/** The schema version of the file. Throws when a later incbot wrote it. */
export function requireKnownSchema(database: Database, path: string, newest: number = MIGRATIONS.length): number {
  const current = schemaVersion(database)
  if (current <= newest) return current
  throw new StoreError(
    'newer-schema',
    `The store ${path} has schema version ${current}, and this incbot knows versions up to ${newest}. ` +
      'A later incbot wrote it; it was left as it is. Run that version again, or start with another data directory.',
  )
}

function schemaVersion(database: Database): number {
  const exists = database.query("SELECT 1 FROM sqlite_schema WHERE name = 'schema_versions'").get()
  if (!exists) return 0
  return (
    database.query<{ version: number | null }>('SELECT max(version) AS version FROM schema_versions').get()?.version ??
    0
  )
}
