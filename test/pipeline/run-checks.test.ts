import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import type { Check, CheckContext, CheckSources } from '../../src/checks/check.ts'
import type { DataSource, MetricsSource } from '../../src/datasources/datasource.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { Finding, FindingBody } from '../../src/domain/finding.ts'
import { runChecks } from '../../src/pipeline/run-checks.ts'
import { serviceSources } from '../../src/pipeline/service-sources.ts'
import { NOW } from '../builders.ts'
import { answer, aWatchedService } from '../checks/a-context.ts'
import { aLog } from '../fakes/log.ts'

const CLEAR: FindingBody = { verdict: 'clear', headline: 'Fine', details: [], facts: [], signals: {}, charts: [] }

const aCheck = (name: string, run: (context: CheckContext, parameters: unknown) => Promise<unknown>): Check => ({
  name,
  title: `Title of ${name}`,
  parameters: z.unknown(),
  signals: {},
  facts: [],
  run: async (context, parameters) => {
    await run(context, parameters)
    return CLEAR
  },
})

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const never = () => new Promise<never>(() => undefined)
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))

interface Setting {
  readonly metrics?: MetricsSource
  readonly timeouts?: Readonly<Record<string, number>>
  readonly signal?: AbortSignal
}

const service = aWatchedService()

async function run(checks: readonly Check[], setting: Setting = {}) {
  const log = aLog()
  const metered: string[] = []
  const progress: string[] = []
  const { metrics } = setting
  const source: DataSource = {
    name: 'metrics',
    type: 'fake',
    probe: async () => undefined,
    ...(metrics && { metrics }),
  }
  const findings = await runChecks(
    {
      checks: new Map(checks.map((check) => [check.name, check])),
      sources: (of): CheckSources => serviceSources(of, new Map([['metrics', source]])),
      now: () => NOW,
      meter: { check: (name, verdict) => metered.push(`${name} ${verdict}`) },
      log,
    },
    service,
    checks.map(({ name }) => ({
      id: name,
      check: name,
      parameters: { of: name },
      timeoutMs: setting.timeouts?.[name] ?? 1_000,
    })),
    setting.signal ?? new AbortController().signal,
    (done, total) => progress.push(`${done}/${total}`),
  )
  return { findings, log, metered, progress }
}

const only = (findings: readonly Finding[]): Finding => {
  const [first] = findings
  if (first === undefined) throw new Error('There is one finding for each check.')
  return first
}

describe('the checks of a runbook', () => {
  it('run at once, each with its own parameters, and are reported in the order of the runbook', async () => {
    const seen: unknown[] = []
    const waiting = (name: string, ms: number) =>
      aCheck(name, async (context, parameters) => {
        seen.push(parameters, context.now)
        await sleep(ms)
      })
    const started = performance.now()
    const { findings, metered, progress } = await run([
      waiting('slow', 120),
      waiting('fast', 10),
      waiting('other', 110),
    ])
    expect(performance.now() - started).toBeLessThan(220)
    expect(findings.map(({ id, check, title }) => [id, check, title])).toEqual([
      ['slow', 'slow', 'Title of slow'],
      ['fast', 'fast', 'Title of fast'],
      ['other', 'other', 'Title of other'],
    ])
    expect(seen).toEqual([{ of: 'slow' }, NOW, { of: 'fast' }, NOW, { of: 'other' }, NOW])
    expect(metered).toEqual(['fast clear', 'other clear', 'slow clear'])
    expect(progress).toEqual(['1/3', '2/3', '3/3'])
    expect(findings[0]?.tookMs).toBeGreaterThan(100)
  })

  it('ask as much as they like at the same time, each question under a signal of its own that ends with all of them', async () => {
    const signals: AbortSignal[] = []
    const metrics: MetricsSource = {
      range: never,
      instant: (_query, _at, signal) => {
        signals.push(signal)
        return untilAborted(signal)
      },
    }
    const curious = aCheck('curious', ({ sources, signal }) =>
      Promise.all(Array.from({ length: 30 }, (_, index) => sources.metrics().instant(`up == ${index}`, NOW, signal))),
    )
    await run([curious], { metrics, timeouts: { curious: 50 } })
    expect(new Set(signals).size).toBe(30)
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
  })

  it.each<[string, (context: CheckContext) => Promise<unknown>, string, string]>([
    ['cannot find out', () => Promise.reject(new SourceError('missing', 'm', 'No series.')), 'missing', 'No series.'],
    [
      'may not look',
      () => Promise.reject(new SourceError('forbidden', 'm', 'Not allowed.', { missingPermission: 'get nodes' })),
      'forbidden',
      'Not allowed. Missing permission: get nodes.',
    ],
    ['ignores its time', never, 'timeout', 'No answer within 0.05 s.'],
    ['obeys its time', ({ signal }) => untilAborted(signal), 'timeout', 'No answer within 0.05 s.'],
    [
      'is broken',
      () => Promise.reject(new TypeError('x is undefined')),
      'failed',
      'The check itself failed; the log says how.',
    ],
    [
      'asks what is not configured',
      async ({ sources }) => sources.cluster('prod'),
      'not-configured',
      'prod is no data source that can answer this.',
    ],
  ])('leave the others alone when one %s', async (_, work, cause, headline) => {
    const { findings, log } = await run([aCheck('bad', work), aCheck('good', async () => undefined)], {
      timeouts: { bad: 50 },
    })
    expect(findings[0]).toMatchObject({ verdict: 'unknown', headline, signals: {}, unknown: { cause } })
    expect(findings[1]?.verdict).toBe('clear')
    expect(log.messages('error')).toEqual(cause === 'failed' ? ['Check failed'] : [])
  })

  it('name a check that does not exist', async () => {
    const { findings } = await runNamed('gone')
    expect(findings[0]).toMatchObject({ verdict: 'unknown', title: 'gone', headline: 'There is no check called gone.' })
  })

  it('end when the incident does', async () => {
    const over = new AbortController()
    setTimeout(() => over.abort(), 20)
    const { findings } = await run([aCheck('a', never)], { signal: over.signal, timeouts: { a: 60_000 } })
    expect(findings[0]?.verdict).toBe('unknown')
  })
})

describe('questions that several checks ask', () => {
  const asking = (name: string, query: string) =>
    aCheck(name, ({ sources, signal, now }) => sources.metrics().instant(query, now, signal))
  const range: MetricsSource['range'] = async () => answer([])

  it('are put once and noted for each, with the time that the answer took', async () => {
    const put: string[] = []
    const metrics: MetricsSource = {
      range,
      instant: async (query) => {
        put.push(query)
        await sleep(80)
        return { ...answer([], query), warnings: ['partial'] }
      },
    }
    const late = aCheck('late', async ({ sources, signal, now }) => {
      await sleep(60)
      await sources.metrics().instant('up', now, signal)
    })
    const { findings } = await run([asking('a', 'up'), asking('b', 'up'), asking('c', 'down'), late], { metrics })
    expect(put).toEqual(['up', 'down'])
    for (const { asked } of findings) {
      expect(asked).toEqual([
        { source: 'metrics', query: expect.any(String), asOf: NOW, tookMs: expect.any(Number), warnings: ['partial'] },
      ])
      expect(asked[0]?.tookMs).toBeGreaterThan(70)
    }
  })

  it('outlive an asker that runs out of time', async () => {
    const metrics: MetricsSource = {
      range,
      instant: async (query, _at, signal) => {
        await Promise.race([sleep(150), untilAborted(signal)])
        return answer([], query)
      },
    }
    const { findings } = await run([asking('hasty', 'up'), asking('patient', 'up')], {
      metrics,
      timeouts: { hasty: 30, patient: 1_000 },
    })
    expect(findings.map(({ verdict }) => verdict)).toEqual(['unknown', 'clear'])
    expect(findings[0]?.headline).toBe('metrics did not answer within 0.024 s.')
    expect(findings[0]?.asked[0]).toMatchObject({
      query: 'up',
      warnings: ['no answer: it had not answered when the time was up'],
    })
  })

  it('leave a check some of its time when a source hangs, for what the others say', async () => {
    const metrics: MetricsSource = { range, instant: never }
    const check = aCheck('a', async ({ sources, signal, now }) => {
      const failure = await sources
        .metrics()
        .instant('up', now, signal)
        .catch((error: unknown) => error)
      expect([failure, signal.aborted]).toEqual([expect.any(SourceError), false])
    })
    const { findings } = await run([check], { metrics, timeouts: { a: 200 } })
    expect(findings[0]?.verdict).toBe('clear')
  })

  it('are dropped when nobody waits for them any longer', async () => {
    let dropped = false
    const metrics: MetricsSource = {
      range,
      instant: (_query, _at, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            dropped = true
            reject(new Error('aborted'))
          })
        }),
    }
    await run([asking('hasty', 'up')], { metrics, timeouts: { hasty: 20 } })
    await sleep(5)
    expect(dropped).toBe(true)
  })

  it('that fail are evidence too', async () => {
    const metrics: MetricsSource = {
      range,
      instant: () => Promise.reject(new SourceError('bad-answer', 'metrics', 'No such function.')),
    }
    const { findings } = await run([asking('a', 'nonsense()')], { metrics })
    expect(only(findings).asked).toEqual([
      {
        source: 'metrics',
        query: 'nonsense()',
        asOf: NOW,
        tookMs: expect.any(Number),
        warnings: ['no answer: No such function.'],
      },
    ])
  })

  it('are different questions at another time or over another window', async () => {
    let count = 0
    const metrics: MetricsSource = {
      instant: async () => {
        count += 1
        return answer([])
      },
      range: async () => {
        count += 1
        return answer([])
      },
    }
    const check = aCheck('a', async ({ sources, signal, now }) => {
      const source = sources.metrics()
      await source.instant('up', now, signal)
      await source.instant('up', now - 1, signal)
      await source.range('up', { from: 0, to: 1, stepMs: 1 }, signal)
      await source.range('up', { from: 0, to: 2, stepMs: 1 }, signal)
      await source.range('up', { from: 0, to: 2, stepMs: 1 }, signal)
    })
    const { findings } = await run([check], { metrics })
    expect(count).toBe(4)
    expect(only(findings).asked).toHaveLength(5)
  })
})

function runNamed(name: string) {
  const missing = aCheck(name, async () => undefined)
  return runChecks(
    {
      checks: new Map(),
      sources: (of) => serviceSources(of, new Map()),
      now: () => NOW,
      meter: { check() {} },
      log: aLog(),
    },
    service,
    [{ id: missing.name, check: missing.name, parameters: {}, timeoutMs: 100 }],
    new AbortController().signal,
    () => undefined,
  ).then((findings) => ({ findings }))
}
