import type { Database } from './database.ts'

/** Settings, and the row that a probe writes to. */
export function settingTable(database: Database) {
  const read = database.query<{ value: string }>('SELECT value FROM settings WHERE name = ?')
  const save = database.query('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)')
  const remove = database.query('DELETE FROM settings WHERE name = ?')
  const probe = database.query(
    'INSERT INTO probes (id, count) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET count = count + 1',
  )

  return {
    read: (name: string): string | undefined => read.get(name)?.value,
    save: (name: string, value: string | undefined) => {
      if (value === undefined) remove.run(name)
      else save.run(name, value)
    },
    probe: () => {
      probe.run()
    },
  }
}
