import { createHash, randomBytes } from 'node:crypto'
import type { ServiceRecord, UserRecord } from './stand-in-types.ts'

export interface AlertRecord {
  readonly id: string
  readonly key: string
  readonly summary: string
  readonly severity: string
  readonly details: Readonly<Record<string, unknown>>
  readonly createdAt: number
}

export interface NoteRecord {
  readonly id: string
  readonly content: string
  readonly user: UserRecord | undefined
  readonly createdAt: number
}

/** What the stand-in knows of an incident. Its fields change; what is rendered from it is a snapshot. */
export interface IncidentRecord {
  readonly id: string
  readonly number: number
  readonly service: ServiceRecord
  readonly incidentKey: string
  readonly createdAt: number
  title: string
  urgency: 'high' | 'low'
  status: 'triggered' | 'acknowledged' | 'resolved'
  statusAt: number
  mergedInto: IncidentRecord | undefined
  assignees: readonly UserRecord[]
  alerts: readonly AlertRecord[]
  readonly notes: NoteRecord[]
  readonly log: { readonly id: string; readonly type: string; readonly summary: string; readonly at: number }[]
}

export interface ChangeRecord {
  readonly id: string
  readonly service: ServiceRecord
  readonly summary: string
  readonly source: string
  readonly at: number
  readonly links: readonly { readonly href: string; readonly text?: string }[]
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** An id as PagerDuty writes them: capitals and digits, `prefix` first. */
export function newId(prefix: string, length: number): string {
  return prefix + Array.from(randomBytes(length), (byte) => DIGITS[byte % DIGITS.length]).join('')
}

/** Integration keys have 32 characters; a service always gets the same one. */
export function routingKeyOf(serviceId: string): string {
  return createHash('sha256').update(`routing ${serviceId}`).digest('hex').slice(0, 32)
}
