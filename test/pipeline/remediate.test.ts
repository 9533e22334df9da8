import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import type { IncidentEvent } from '../../src/domain/event.ts'
import type { Remediation } from '../../src/domain/remediation.ts'
import type { Ports } from '../../src/pipeline/ports.ts'
import { execute, findOut, follow } from '../../src/pipeline/remediate.ts'
import type { RemediationKind } from '../../src/remediations/remediation.ts'
import { RemediationError } from '../../src/remediations/remediation.ts'
import { anIncident, aPlan, aRemediation, NOW } from '../builders.ts'
import { aHold } from '../fakes/hold.ts'
import { world } from '../fakes/world.ts'

const APPROVED = aRemediation({ state: 'executing', approval: { by: 'U0ANA', at: NOW } })

interface Setting {
  readonly kind?: Partial<RemediationKind>
  readonly ports?: Partial<Ports>
  readonly remediation?: Partial<Remediation>
  readonly signal?: AbortSignal
}

/** Runs one stage and returns what it reported. */
async function reported(stage: typeof execute, setting: Setting = {}) {
  const surroundings = world()
  const { ports } = surroundings
  const kind: RemediationKind = {
    kind: 'rolling-restart',
    title: 'Rolling restart',
    verify: true,
    restarts: true,
    parameters: z.unknown(),
    plan: async () => [],
    changed: async () => undefined,
    halt: async () => ({ outcome: { result: 'halted', text: 'Paused.' }, offers: [] }),
    execute: async () => ({ effect: { generation: 2 } }),
    follow: async () => ({ result: 'succeeded', text: 'Done.' }),
    inspect: async () => 'What can be seen: it did start.',
    ...setting.kind,
  }
  const events: [IncidentEvent, string][] = []
  await stage(
    { ...ports, remediations: new Map([[kind.kind, kind]]), ...setting.ports },
    {
      incident: anIncident(),
      remediation: { ...APPROVED, ...setting.remediation },
      report: async (event, key) => void events.push([event, key]),
      hold: { ...aHold(), ...(setting.signal && { signal: setting.signal }) },
    },
  )
  await surroundings.stop()
  return events
}

const finished = (result: string, text: unknown) => [
  [{ type: 'execution-finished', remediationId: 'r-1', outcome: { result, text } }, `r-1:finished:${result}`],
]

describe('carrying out what was approved', () => {
  it('reports the effect, with what the approval said', async () => {
    const asked: unknown[] = []
    const events = await reported(execute, {
      kind: {
        execute: async (_context, _plan, execution) => {
          asked.push(execution)
          return { effect: { generation: 2 } }
        },
      },
    })
    expect(asked).toEqual([{ id: 'r-1', by: 'U0ANA', approvedAt: NOW, reason: anIncident().title }])
    expect(events).toEqual([
      [{ type: 'effect-applied', remediationId: 'r-1', effect: { generation: 2 } }, 'r-1:applied'],
    ])
  })

  const failing = (error: Error): Setting => ({ kind: { execute: () => Promise.reject(error) } })
  it.each<[string, Setting, string, string]>([
    [
      'incbot was switched off',
      { ports: { switchedOff: async () => 'by ana' } },
      'void',
      'Not done: incbot was switched off (by ana).',
    ],
    [
      'the target is another',
      { kind: { execute: async () => ({ void: 'It was changed.' }) } },
      'void',
      'It was changed.',
    ],
    [
      'it was refused',
      failing(new RemediationError('none', 'Cluster prod answered 403.')),
      'failed',
      'Nothing was changed: Cluster prod answered 403.',
    ],
    [
      'the answer was lost',
      failing(new RemediationError('unknown', 'Cluster prod: no answer in time.')),
      'unknown',
      'It is not known whether this took effect: Cluster prod: no answer in time. What can be seen: it did start. Please look before you press anything else.',
    ],
    [
      'it broke',
      failing(new TypeError('x is undefined.')),
      'unknown',
      'It is not known whether this took effect: x is undefined. What can be seen: it did start. Please look before you press anything else.',
    ],
    [
      'the answer was lost and nothing can be seen',
      {
        kind: {
          execute: () => Promise.reject(new RemediationError('unknown', 'No answer.')),
          inspect: () => Promise.reject(new RemediationError('none', 'Cluster prod: no answer.')),
        },
      },
      'unknown',
      'It is not known whether this took effect: No answer. What can be seen: nothing (Cluster prod: no answer.). Please look before you press anything else.',
    ],
    [
      'nobody knows how any more',
      { ports: { remediations: new Map() } },
      'failed',
      'Nothing was changed: there is no remediation called rolling-restart any more.',
    ],
    [
      'its service is gone',
      { remediation: { plan: aPlan({ target: { service: 'gone' } }) } },
      'failed',
      'Nothing was changed: gone is no longer in the catalogue.',
    ],
  ])('says so when %s', async (_, setting, result, text) => {
    expect(await reported(execute, setting)).toEqual(finished(result, text))
  })

  it('touches nothing while it is switched off', async () => {
    let touched = false
    const kind = {
      execute: async () => {
        touched = true
        return { effect: {} }
      },
    }
    await reported(execute, { kind, ports: { switchedOff: async () => 'x' } })
    expect(touched).toBe(false)
  })
})

describe('what is left when the executor is gone', () => {
  it('is unknown, with what can be seen, and is not tried again', async () => {
    expect(await reported(findOut)).toEqual(
      finished(
        'unknown',
        'incbot stopped in the middle of this and cannot tell whether it happened. What can be seen: it did start. It will not be tried again by itself: please look, then ask for a fresh diagnosis.',
      ),
    )
  })

  it('is said even when looking never ends', async () => {
    const inspect = () => new Promise<never>(() => undefined)
    const events = await reported(findOut, { kind: { inspect }, signal: AbortSignal.timeout(20) })
    expect(events).toEqual(finished('unknown', expect.stringContaining('What can be seen: nothing (')))
  })
})

describe('following an effect', () => {
  it('reports its progress now and then, and its end always', async () => {
    let now = NOW
    const events = await reported(follow, {
      ports: { now: () => now },
      remediation: { effect: { generation: 2 } },
      kind: {
        follow: async (_context, _plan, effect, report) => {
          for (let done = 0; done < 6; done += 1) {
            report({ text: `${done} of 6`, done, total: 6, pods: [] })
            now += 400
          }
          return { result: 'succeeded', text: `Generation ${String(effect.generation)}.` }
        },
      },
    })
    const progress = events.filter(([event]) => event.type === 'execution-progressed')
    expect(progress.map(([event]) => 'progress' in event && event.progress.done)).toEqual([0, 3])
    expect(new Set(progress.map(([, key]) => key)).size).toBe(2)
    expect(events.slice(-1)).toEqual(finished('succeeded', 'Generation 2.'))
  })

  it('leaves the end to the next replica when this one is stopped', async () => {
    const stopping = new AbortController()
    const events = await reported(follow, {
      signal: stopping.signal,
      kind: {
        follow: async () => {
          stopping.abort()
          return { result: 'failed', text: 'It was cut off.' }
        },
      },
    })
    expect(events).toEqual([])
  })
})
