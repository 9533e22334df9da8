import type { AuditHead } from '../app/audit-judge.ts'

/** As it stands in a note, with at least 12 digits: fewer could be found by trying. */
const HEAD = /^(\d{1,15}):([0-9a-f]{12,64})$/i

/** Each head with the incident at the same place; a sentence where they do not fit. */
export function parseHeads(heads: readonly string[], incidents: readonly string[]): readonly AuditHead[] | string {
  if (heads.length !== incidents.length)
    return `Each --head needs the --incident that it belongs to; there are ${heads.length} and ${incidents.length}.`
  const wrong = heads.find((head) => !HEAD.test(head))
  if (wrong !== undefined)
    return `${JSON.stringify(wrong)} is no head; expected SEQUENCE:HASH with at least 12 digits of the hash, such as 41:0123456789abcdef.`
  return heads.map((head, index) => {
    const [sequence = '', hash = ''] = head.split(':')
    return { incidentId: incidents[index] ?? '', sequence: Number(sequence), hash: hash.toLowerCase() }
  })
}
