import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { createReadiness, type Probe } from '../../src/ops/readiness.ts'

const probe = (name: string, required: boolean, check: Probe['check'] = async () => undefined): Probe => ({
  name,
  required,
  check,
})
const fails = (text: string) => () => Promise.reject(new Error(text))

describe('readiness', () => {
  it.each([
    ['ready', 'all work', undefined, undefined],
    ['degraded', 'only an optional one fails', undefined, fails('no answer')],
    ['not-ready', 'a required one fails', fails('locked'), undefined],
    ['not-ready', 'both fail', fails('locked'), fails('no answer')],
  ])('is %s when %s', async (status, _, required, optional) => {
    const ready = createReadiness({
      probes: [probe('store', true, required), probe('prometheus', false, optional)],
      now: () => 0,
    })
    expect((await ready()).status).toBe(status)
  })

  it('says of each dependency how it is and why', async () => {
    const ready = createReadiness({
      probes: [probe('store', true), probe('slack', true, fails(`invalid_auth for hunter2 ${'x'.repeat(1_000)}`))],
      now: () => Date.UTC(2026, 0, 1),
      scrub: (text) => text.replaceAll('hunter2', '[secret]'),
    })
    const { checks, asOf } = await ready()
    expect(asOf).toBe('2026-01-01T00:00:00.000Z')
    expect(checks).toEqual([
      { name: 'store', required: true, status: 'ok', tookMs: expect.any(Number) },
      {
        name: 'slack',
        required: true,
        status: 'failed',
        reason: expect.stringMatching(/^invalid_auth for \[secret\] x{200,300}$/),
        tookMs: expect.any(Number),
      },
    ])
  })

  it('waits for each only so long, for all at once, and tells them to end', async () => {
    let ended = 0
    const hangs = (signal: AbortSignal) =>
      new Promise<never>(() => {
        signal.addEventListener('abort', () => {
          ended += 1
        })
      })
    const probes = ['a', 'b', 'c'].map((name) => probe(name, false, hangs))
    const before = performance.now()
    const { status, checks } = await createReadiness({ probes, now: () => 0, probeWithinMs: 100 })()
    expect(performance.now() - before).toBeLessThan(250)
    expect([status, checks[2]?.reason, ended]).toEqual(['degraded', 'No answer within 100 ms', 3])
  })

  it('asks once for many questions in a few seconds', async () => {
    let now = 0
    let asked = 0
    const count = probe('store', true, async () => {
      asked += 1
      await wait(10)
    })
    const ready = createReadiness({ probes: [count], now: () => now, cachedForMs: 5_000 })
    await Promise.all([ready(), ready(), ready()])
    now = 4_999
    await ready()
    expect(asked).toBe(1)
    now = 5_000
    await ready()
    expect(asked).toBe(2)
  })

  it('is not upset by a probe that throws at once', async () => {
    const broken = probe('store', true, () => {
      throw new Error('a bug')
    })
    expect(await createReadiness({ probes: [broken], now: () => 0 })()).toMatchObject({ status: 'not-ready' })
  })
})
