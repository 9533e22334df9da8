import { z } from 'zod'
import { duration } from '../config/fields.ts'
import type { Freeze } from '../domain/freeze.ts'
import type { Preflight } from '../domain/remediation.ts'
import { formatMoment } from '../domain/units.ts'
import type { RecordedEffect, RemediationContext } from './remediation.ts'
import { defineRemediation, RemediationError } from './remediation.ts'
import { blastRadius } from './words.ts'

const LONGEST_MS = 7 * 24 * 3_600_000

/** A command gives milliseconds, a runbook a text such as "2h". */
const length = z
  .union([z.number().int().positive(), duration()])
  .refine((ms) => ms >= 60_000 && ms <= LONGEST_MS, { error: 'a freeze lasts between 1m and 7d' })

/** Refuses deploys of the service for a while, wherever the gate is asked. */
export const deployFreeze = defineRemediation({
  kind: 'deploy-freeze',
  title: 'Deploy freeze',
  verify: false,
  restarts: false,
  parameters: z.strictObject({
    duration: length.prefault('2h').meta({ description: 'How long deploys are refused, 1m to 7d.' }),
    reason: z
      .string()
      .max(300)
      .default('')
      .meta({ description: "What the gate says; the incident's title where empty." }),
  }),

  async plan(context, { duration: durationMs, reason }) {
    const { service } = context
    const now = context.now()
    const [last] = [...(await context.freezes.activeFreezes(now, service.name))].sort((a, b) => b.until - a.until)
    const what = `${scopeText[service.freezeScope]} of ${service.name}`
    return [
      {
        target: { service: service.name },
        button: `Freeze deploys for ${hours(durationMs)}`,
        summary: `Refuse ${what} for ${hours(durationMs)}, wherever it is enforced`,
        blastRadius: blastRadius(`Refuses ${what} for ${hours(durationMs)}`, ['nothing that runs is touched']),
        details: ['It ends by itself, or with `/inc unfreeze`. A deploy that asks nowhere is not stopped.'],
        preflight: [last === undefined ? notFrozen : alreadyFrozen(last, now)],
        parameters: { durationMs, reason },
      },
    ]
  },

  /** What it refuses is decided when a deploy asks, so nothing about it can be out of date. */
  changed: async () => undefined,

  /** May be repeated: the freeze has the remediation's id, and one that exists is left as it is. */
  async execute(context, plan, { id, by, reason }) {
    const { durationMs, reason: given } = plan.parameters
    if (typeof durationMs !== 'number') throw new RemediationError('none', 'The plan has no duration.')
    const now = context.now()
    const freeze = await context.freezes.addFreeze({
      id,
      service: context.service.name,
      scope: context.service.freezeScope,
      incidentId: context.incidentId,
      by,
      reason: typeof given === 'string' && given !== '' ? given : reason,
      since: now,
      until: now + durationMs,
    })
    return { effect: { frozenUntil: freeze.until } }
  },

  async follow(context, _plan, effect) {
    return { result: 'succeeded', text: `${refusedUntil(context, effect)}.` }
  },

  /** It holds from one moment to the next: there is nothing half-done, and lifting it is a decision of its own. */
  async halt(context, _plan, effect) {
    const lift = `To lift it: \`/inc unfreeze ${context.service.name}\`.`
    const text = `A freeze cannot be stopped half-way, so it holds: ${refusedUntil(context, effect)}. ${lift}`
    return { outcome: { result: 'succeeded', text }, offers: [] }
  },

  async inspect(context, _plan, { id }) {
    const active = await context.freezes.activeFreezes(context.now(), context.service.name)
    return active.some((freeze) => freeze.id === id)
      ? 'What can be seen: the freeze holds.'
      : 'What can be seen: no such freeze holds.'
  },
})

const notFrozen: Preflight = { what: 'no other freeze', verdict: 'passed', text: 'No freeze of it holds.' }

function alreadyFrozen({ service, until, by }: Freeze, now: number): Preflight {
  return {
    what: 'no other freeze',
    verdict: 'failed',
    text: `${service} is frozen already, until ${formatMoment(until, now)}, by ${by}.`,
    fix: `Extend that one, or lift it first: \`/inc unfreeze ${service}\`.`,
    overridable: false,
  }
}

function refusedUntil(context: RemediationContext, { frozenUntil }: RecordedEffect): string {
  const until = typeof frozenUntil === 'number' ? frozenUntil : context.now()
  const { name, freezeScope } = context.service
  const what = scopeText[freezeScope]
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} of ${name} are refused until ${formatMoment(until, context.now())}`
}

const scopeText = { model: 'model deploys', workload: 'workload deploys', all: 'deploys' } as const

function hours(ms: number): string {
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : `${Math.round(ms / 60_000)} min`
}
