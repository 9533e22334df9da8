import { requireTime } from '../require-time.ts'
import type { Arrival } from '../store.ts'
import type { Database } from './database.ts'

/** Which incident leads a group, and which have joined another. Writing calls belong into the caller's transaction. */
export function groupTables(database: Database) {
  const joined = database.query<{ leader_id: string }>('SELECT leader_id FROM joined WHERE incident_id = ?')
  const join = database.query('INSERT INTO joined (incident_id, leader_id, joined_at) VALUES (?, ?, ?)')
  const leader = database.query<{ incident_id: string }>(
    'SELECT incident_id FROM group_leaders WHERE key = ? AND until > ?',
  )
  const lead = database.query('INSERT OR REPLACE INTO group_leaders (key, incident_id, until) VALUES (?, ?, ?)')
  const end = database.query('DELETE FROM group_leaders WHERE incident_id = ?')
  const forgetLeaders = database.query('DELETE FROM group_leaders WHERE until < ?')
  const forgetJoined = database.query(
    'DELETE FROM joined WHERE joined_at < ? AND leader_id IN (SELECT id FROM incidents WHERE open = 0)',
  )
  const known = database.query(
    'SELECT 1 FROM incidents WHERE id = ?1 UNION ALL SELECT 1 FROM inbox WHERE incident_id = ?1 LIMIT 1',
  )

  return {
    /** The incident that this one has joined, or the incident itself. */
    homeOf: (incidentId: string): string => joined.get(incidentId)?.leader_id ?? incidentId,
    /** Where an arrival that has joined nothing yet belongs: it joins who leads its group, or leads it from now on. */
    enter: (incidentId: string, group: NonNullable<Arrival['group']>, now: number): string => {
      const leading = leader.get(group.key, now)?.incident_id
      if (leading === undefined) {
        lead.run(group.key, incidentId, requireTime(group.until))
        return incidentId
      }
      if (leading === incidentId || known.get(incidentId) !== undefined) return incidentId
      join.run(incidentId, leading, now)
      return leading
    },
    end: (incidentId: string) => {
      end.run(incidentId)
    },
    forget: (before: number) => {
      forgetLeaders.run(before)
      forgetJoined.run(before)
    },
  }
}
