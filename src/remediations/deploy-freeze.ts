import { z } from 'zod'
import { duration } from '../config/fields.ts'
import { formatMoment } from '../domain/units.ts'
import { defineRemediation, RemediationError } from './remediation.ts'

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
    const blocked = last && `${service.name} is frozen already, until ${formatMoment(last.until, now)}, by ${last.by}.`
    return [
      {
        target: { service: service.name },
        button: `Freeze deploys for ${hours(durationMs)}`,
        summary: `Refuse ${scopeText[service.freezeScope]} of ${service.name} for ${hours(durationMs)}, wherever the pipeline asks the gate`,
        details: ['It ends by itself, or with `/inc unfreeze`. A deploy that does not ask the gate is not stopped.'],
        ...(blocked !== undefined && { blocked }),
        parameters: { durationMs, reason },
      },
    ]
  },

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
    const until = typeof effect.frozenUntil === 'number' ? effect.frozenUntil : context.now()
    const what = scopeText[context.service.freezeScope]
    return {
      result: 'succeeded',
      text: `${what.charAt(0).toUpperCase()}${what.slice(1)} of ${context.service.name} are refused by the gate until ${formatMoment(until, context.now())}.`,
    }
  },

  async inspect(context, _plan, { id }) {
    const active = await context.freezes.activeFreezes(context.now(), context.service.name)
    return active.some((freeze) => freeze.id === id)
      ? 'What can be seen: the freeze holds.'
      : 'What can be seen: no such freeze holds.'
  },
})

const scopeText = { model: 'model deploys', workload: 'workload deploys', all: 'deploys' } as const

function hours(ms: number): string {
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : `${Math.round(ms / 60_000)} min`
}
