import { describe, expect, it } from '@jest/globals'
import type { IncidentEvent } from '../../src/domain/event.ts'
import type { BlockedDeploy } from '../../src/domain/freeze.ts'
import { createBlockedDeploys } from '../../src/freeze/blocked-deploys.ts'
import { aFreeze, NOW } from '../contract/records.ts'
import { aLog } from '../fakes/log.ts'
import { until } from '../fakes/world.ts'

const FREEZE = aFreeze()
const aDeploy = (change: Partial<BlockedDeploy> = {}): BlockedDeploy => ({ at: NOW, holder: 'ci', ...change })

/** What is told, to a record that can be away or hang. */
function aRecord() {
  const told: { readonly incident: string; readonly event: IncidentEvent; readonly keys: readonly string[] }[] = []
  const log = aLog()
  let trouble: 'none' | 'fails' | 'hangs' = 'none'
  let attempts = 0
  const blocked = createBlockedDeploys({
    log,
    retryAfterMs: 5,
    reportWithinMs: 20,
    report: async (incident, event, keys) => {
      attempts += 1
      if (trouble === 'fails') throw new Error('locked')
      if (trouble === 'hangs') await new Promise(() => undefined)
      told.push({ incident, event, keys })
    },
  })
  const keys = () => told.flatMap((one) => one.keys)
  return {
    blocked,
    told,
    keys,
    log,
    attempts: () => attempts,
    is: (how: typeof trouble) => {
      trouble = how
    },
  }
}

describe('a refused deploy', () => {
  it('is told to the incident of the freeze', async () => {
    const { blocked, told } = aRecord()
    const deploy = aDeploy({ deploy: 'v129' })
    blocked.note([FREEZE, aFreeze({ id: 'freeze-2', incidentId: 'pd-Q2' })], deploy)
    await until('both are told', () => told.length === 2)
    expect(told).toEqual([
      {
        incident: 'pd-Q1',
        event: { type: 'deploy-blocked', freezeId: 'freeze-1', deploy },
        keys: ['blocked:freeze-1:ci:deploy:v129'],
      },
      {
        incident: 'pd-Q2',
        event: { type: 'deploy-blocked', freezeId: 'freeze-2', deploy },
        keys: ['blocked:freeze-2:ci:deploy:v129'],
      },
    ])
  })

  it('is one, however often the pipeline asks for it', async () => {
    const { blocked, keys, attempts } = aRecord()
    for (let second = 0; second < 100; second++)
      blocked.note([FREEZE], aDeploy({ deploy: 'v129', at: NOW + second * 1_000 }))
    blocked.note([FREEZE], aDeploy({ deploy: 'v130' }))
    blocked.note([FREEZE], aDeploy({ deploy: 'v129', holder: 'registry' }))
    await until('all are told', () => blocked.waiting() === 0)
    expect(keys()).toEqual([
      'blocked:freeze-1:ci:deploy:v129',
      'blocked:freeze-1:ci:deploy:v130',
      'blocked:freeze-1:registry:deploy:v129',
    ])
    expect(attempts()).toBe(3)
  })

  it('without a name is one in each minute', async () => {
    const { blocked, keys } = aRecord()
    for (const seconds of [0, 30, 59, 60, 61]) blocked.note([FREEZE], aDeploy({ at: NOW + seconds * 1_000 }))
    await until('all are told', () => blocked.waiting() === 0)
    expect(new Set(keys()).size).toBe(2)
    blocked.note([FREEZE], aDeploy({ deploy: String(NOW / 60_000) }))
    await until('the name that looks like a minute is told', () => new Set(keys()).size === 3)
  })

  it.each(['fails', 'hangs'] as const)('waits while the record %s, and is then told in order', async (how) => {
    const { blocked, keys, is, attempts, log } = aRecord()
    is(how)
    for (const deploy of ['v1', 'v2', 'v3']) blocked.note([FREEZE], aDeploy({ deploy }))
    await until('it was tried again', () => attempts() > 2)
    expect([blocked.waiting(), keys()]).toEqual([3, []])
    is('none')
    await until('all are told', () => blocked.waiting() === 0)
    expect(keys().map((key) => key.slice(-2))).toEqual(['v1', 'v2', 'v3'])
    expect(log.messages('warn')[0]).toBe('Refused deploys wait to be recorded')
  })

  it('is never lost in silence: what there is no room for is counted in the log', async () => {
    const { blocked, is, log } = aRecord()
    is('fails')
    for (let minute = 0; minute < 20; minute++)
      for (let index = 0; index < 60; index++)
        blocked.note([FREEZE], aDeploy({ at: NOW + minute * 60_000, deploy: `v${minute}-${index}` }))
    expect(blocked.waiting()).toBe(1_000)
    const dropped = log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields.dropped)
    expect(dropped).toEqual([1, 10, 100])
    await blocked.stop(50)
    expect(log.lines.at(-1)).toMatchObject({
      fields: { lost: 1_000 },
      message: 'Refused deploys were not recorded before the end',
    })
  })

  it('of a flood is recorded up to 60 times a minute, so that no token can fill a record', async () => {
    const { blocked, keys, log } = aRecord()
    for (let index = 0; index < 500; index++) blocked.note([FREEZE], aDeploy({ deploy: `v${index}` }))
    blocked.note([FREEZE], aDeploy({ deploy: 'v1', holder: 'registry' }))
    await until('all are told', () => blocked.waiting() === 0)
    expect(keys()).toHaveLength(61)
    blocked.note([FREEZE], aDeploy({ deploy: 'v499', at: NOW + 60_000 }))
    await until('the next minute begins anew', () => keys().length === 62)
    expect(log.messages('error').length).toBeGreaterThan(0)
  })

  it('that waits at the end is tried once more', async () => {
    const { blocked, keys, is, attempts, log } = aRecord()
    is('fails')
    blocked.note([FREEZE], aDeploy({ deploy: 'v1' }))
    await until('it failed', () => attempts() > 0)
    is('none')
    await blocked.stop(1_000)
    expect(keys()).toEqual(['blocked:freeze-1:ci:deploy:v1'])
    expect(log.messages('error')).toEqual([])
  })
})
