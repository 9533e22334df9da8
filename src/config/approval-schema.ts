import { z } from 'zod'
import { duration, pagerdutyPolicy, people } from './fields.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Who may approve: by name, by group, and whoever is on call. */
export const approvers = people.extend({
  onCall: z
    .boolean()
    .describe('Also whoever PagerDuty has on call for the incident’s escalation policy at that moment.')
    .exactOptional(),
})

const policy = z.strictObject({
  approvers: approvers.describe('Instead of the service’s own approvers.').exactOptional(),
  approvals: z
    .number()
    .int()
    .min(1, { error: 'expected at least 1' })
    .max(5, { error: 'expected at most 5; nobody finds six people at night' })
    .describe('How many different people must approve.')
    .exactOptional(),
  requesterMayApprove: z.boolean().describe('Whether who asked for it may also approve it.').exactOptional(),
  expiresAfter: duration()
    .refine((ms) => ms >= MINUTE_MS && ms <= DAY_MS, { error: 'an offer stays open between 1m and 24h' })
    .describe('How long an offer stays open; 15m where absent.')
    .exactOptional(),
  reason: z.enum(['optional', 'required']).describe('Whether whoever approves must type a reason.').exactOptional(),
})

/** What it takes to change something for a service; part of an entry of `services:`. */
export const approvalFields = {
  approvers: approvers.default({ users: [], groups: [] }).describe('Who may approve; nobody where absent.'),
  approval: z
    .record(z.string(), policy)
    .describe('By kind of remediation: what it takes to approve it.')
    .exactOptional(),
  escalationPolicy: pagerdutyPolicy
    .describe('Who is on call for what PagerDuty did not start, such as /inc diagnose.')
    .exactOptional(),
  breakGlass: people
    .describe('Who may go over a failed preflight or a freeze, with a typed reason; nobody where absent.')
    .exactOptional(),
  restartBudget: z
    .strictObject({
      restarts: z.number().int().min(1, { error: 'expected at least 1' }).max(100),
      within: duration(),
    })
    .describe(
      'Restarts of one workload that one person may approve; beyond them a second one must agree. 2 within 24h where absent.',
    )
    .exactOptional(),
}
