// A remediation: one effect. Its place is src/remediations/flag-off.ts, plus one line in src/remediations/index.ts.
import { request } from 'undici'
import { z } from 'zod'
import type { RemediationContext } from '../../src/remediations/remediation.ts'
import { defineRemediation, RemediationError } from '../../src/remediations/remediation.ts'

const flagState = z.object({ enabled: z.boolean(), version: z.number().int() })
const target = z.object({ url: z.string(), version: z.number().int() })

/** Switches a feature flag off, in a flag service that refuses a write to a version that is no longer current (409). */
export const flagOff = defineRemediation({
  kind: 'flag-off',
  title: 'Switch a feature off',
  // The runbook's checks run again afterwards and say whether it helped.
  verify: true,
  // No process starts afresh, so it does not count against the restart budget.
  restarts: false,
  parameters: z.strictObject({
    url: z.url().meta({ description: 'Address of the flag service.' }),
    flag: z.string().min(1).meta({ description: 'Name of the flag.' }),
  }),

  /** Only reads. What it finds is what the approval will be given for. */
  async plan(context, { url, flag }) {
    const address = `${url}/flags/${encodeURIComponent(flag)}`
    const { enabled, version } = await read(context, address)
    return [
      {
        target: { service: context.service.name },
        button: `Switch ${flag} off`,
        summary: `Switch the feature ${flag} of ${context.service.name} off for everybody`,
        // The dialog that asks once more says this.
        blastRadius: `Everybody who uses ${flag} loses it until somebody switches it on again.`,
        details: ['It stays off until somebody switches it on again.'],
        // What fails closes the offer, with the reason; nobody may override what could not have an effect.
        preflight: [
          enabled
            ? { what: 'flag', verdict: 'passed', text: `${flag} is on.` }
            : { what: 'flag', verdict: 'failed', text: `${flag} is off already.`, overridable: false },
        ],
        parameters: { url: address, version },
      },
    ]
  },

  /** Asked every few seconds while the offer is open, so that a button that would do nothing is withdrawn. Only reads. */
  async changed(context, plan) {
    const { url, version } = target.parse(plan.parameters)
    const now = await read(context, url)
    return now.version === version ? undefined : 'Somebody changed the flag since this was offered.'
  },

  /** The one effect. May be repeated: it is bound to the version that was read, so that a second time is refused. */
  async execute(context, plan) {
    const { url, version } = target.parse(plan.parameters)
    const status = await write(context, url, { enabled: false, version })
    if (status === 409) return { void: 'Somebody changed the flag since this was offered; nothing was switched.' }
    // A refusal changed nothing; after a 5xx nobody knows.
    if (status >= 500) throw new RemediationError('unknown', `The flag service answered ${status}.`)
    if (status >= 300) throw new RemediationError('none', `The flag service refused with ${status}.`)
    return { effect: { version: version + 1 } }
  },

  /** Only reads, and may start again after a crash. */
  async follow(context, plan) {
    const { enabled } = await read(context, target.parse(plan.parameters).url)
    return enabled
      ? { result: 'failed', text: 'The flag was switched off, but it is on again. Ask who needs it.' }
      : { result: 'succeeded', text: 'The feature is off.' }
  },

  /** Stopping something that is done in one request: there is nothing left to stop, and saying so is better than a show. */
  async halt(context, plan, _effect, reason) {
    const { enabled } = await read(context, target.parse(plan.parameters).url)
    const text = `${reason} The feature is ${enabled ? 'on' : 'off'}; switch it by hand if that is not what you want.`
    return { outcome: { result: 'halted', text }, offers: [] }
  },

  /** For the moment when nobody knows whether `execute` got through. */
  async inspect(context, plan) {
    const { enabled } = await read(context, target.parse(plan.parameters).url)
    return `What can be seen: the feature is ${enabled ? 'on' : 'off'}.`
  },
})

async function read({ signal }: RemediationContext, url: string) {
  const answer = await request(url, { signal }).catch((error: unknown) => {
    throw new RemediationError('none', 'The flag service cannot be reached.', error)
  })
  const flag = flagState.safeParse(await answer.body.json().catch(() => undefined))
  if (!flag.success)
    throw new RemediationError('none', `The flag service answered ${answer.statusCode}, not with a flag.`)
  return flag.data
}

/** Resolves with the status. Silence means that it may have happened. */
async function write({ signal }: RemediationContext, url: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const answer = await request(url, { method: 'PUT', headers, body: JSON.stringify(body), signal }).catch(
    (error: unknown) => {
      throw new RemediationError('unknown', 'The flag service did not answer.', error)
    },
  )
  await answer.body.dump()
  return answer.statusCode
}
