import { describe, expect, it } from '@jest/globals'
import type { CheckContext } from '../../src/checks/check.ts'
import { oomKills } from '../../src/checks/oom-kills.ts'
import type { NodeFacts, PodFacts } from '../../src/datasources/datasource.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import { NOW } from '../builders.ts'
import { aContext, aNodeWith, answer, aPod, aWatchedService, GB, HOUR_MS } from './a-context.ts'
import { prometheusMetrics } from './prometheus-metrics.ts'
import { runCheck, written } from './run-check.ts'
import { aManagedEndpoint, MINUTE_MS, surgeMetrics } from './the-surge.ts'

const KILLED_AT = NOW - 10 * MINUTE_MS
const killed = { reason: 'OOMKilled', exitCode: 137, at: KILLED_AT }

/** Pods on a node, each holding so many bytes until it is killed ten minutes ago. */
function inCluster(
  pods: readonly PodFacts[],
  bytes: Readonly<Record<string, number>>,
  { restarts, nodes = [aNodeWith('node-a')] }: { restarts?: (at: number) => number; nodes?: readonly NodeFacts[] } = {},
): CheckContext {
  const metrics = prometheusMetrics(
    Object.entries(bytes).flatMap(([pod, held]) => [
      { labels: { __name__: 'memory_bytes', pod }, value: (at: number) => (at < KILLED_AT ? held : 3 * GB) },
      ...(restarts === undefined ? [] : [{ labels: { __name__: 'restarts_total', pod }, value: restarts }]),
    ]),
    [{ from: NOW - 6 * HOUR_MS, to: NOW }],
  )
  return aContext({ metrics, cluster: { pods: async () => answer(pods), nodes: async () => answer(nodes) } })
}

describe('kills', () => {
  it('of the second incident happen at all that the nodes can give, again and again, on a managed endpoint', async () => {
    const body = await runCheck(oomKills, aManagedEndpoint(), {
      ...{ restarts: 'restarts_total{$selector}', machineMemory: 'vector(7.0 * 1024^3)' },
    })
    expect(body).toMatchObject({
      verdict: 'problem',
      severity: 'critical',
      signals: { kill: 'killed_within_5pct_of_allocatable', loop: 'crash_loop' },
    })
    expect(written(body, 'binary')).toMatchObject({
      levelAtKill: '5.3 GiB',
      bindingBytes: '5.3 GiB',
      binding: 'the node',
      pods: '6',
    })
    expect(body.headline).toMatch(
      /^\d+ kills of 6 pods in the last 6 h, .*held 5.3 GiB just before, and the node has 5.3 GiB to give/,
    )
    expect(body.details).toContain('What a node can give is taken from GKE’s formula.')
  })

  it('are held against what the metrics call allocatable before any formula', async () => {
    const limits = { allocatable: 'vector(5.4 * 1024^3)', machineMemory: 'vector(30 * 1024^3)' }
    const body = await runCheck(oomKills, aManagedEndpoint(), { restarts: 'restarts_total{$selector}', ...limits })
    expect(written(body, 'binary')).toMatchObject({ bindingBytes: '5.4 GiB' })
    expect(body.details).toContain('What a node can give is taken from metrics.')
  })

  it('are none where none happened', async () => {
    const body = await runCheck(oomKills, inCluster([aPod('p-0'), aPod('p-1', { restarts: 4 })], {}))
    expect(body).toMatchObject({ verdict: 'clear', signals: { kill: 'none', loop: 'no_crash_loop' } })
    expect(body.headline).toBe('No pod was killed for its memory in the last 6 h')
  })

  it('at the container’s limit are told by the memory just before', async () => {
    const context = inCluster([aPod('p-0', { lastTermination: killed, restarts: 1 }), aPod('p-1')], {
      'p-0': 31.8 * GB,
      'p-1': 12 * GB,
    })
    const body = await runCheck(oomKills, context)
    expect(body).toMatchObject({
      verdict: 'problem',
      severity: 'high',
      signals: { kill: 'at_container_limit', loop: 'no_crash_loop' },
    })
    expect(written(body)).toMatchObject({
      kills: '1',
      pods: '1',
      lastKill: '03:32 UTC',
      levelAtKill: '31.8 GB',
      bindingBytes: '32 GB',
    })
    expect(body.headline).toBe(
      "At least 1 kill of 1 pod in the last 6 h, the last at 03:32 UTC; held 31.8 GB just before, and the container's limit is 32 GB",
    )
  })

  it('on a node that several pods fill together are the node’s', async () => {
    const pods = ['p-0', 'p-1'].map((name, i) =>
      aPod(name, { memoryLimitBytes: 8 * GB, lastTermination: i === 0 ? killed : undefined }),
    )
    const nodes = [aNodeWith('node-a', { allocatableBytes: 11 * GB, daemonSetRequestedBytes: 1 * GB })]
    const body = await runCheck(oomKills, inCluster(pods, { 'p-0': 4.5 * GB, 'p-1': 5.4 * GB }, { nodes }))
    expect(body.signals.kill).toBe('killed_within_5pct_of_allocatable')
    expect(body.details).toContain('What a node can give is taken from node node-a.')
    expect(written(body)).toMatchObject({ levelAtKill: '9.9 GB', bindingBytes: '11 GB' })
  })

  it('far below every limit are said to be so', async () => {
    const body = await runCheck(oomKills, inCluster([aPod('p-0', { lastTermination: killed })], { 'p-0': 9 * GB }))
    expect(body.signals.kill).toBe('killed_elsewhere')
    expect(body.headline).toContain('below every limit that is known')
  })

  it('without metrics are kills, but nothing says which limit they ran into', async () => {
    const service = aWatchedService()
    const { metrics: _, ...without } = service
    const pods = async () => answer([aPod('p-0', { lastTermination: killed })])
    const body = await runCheck(oomKills, aContext({ service: without, cluster: { pods } }))
    expect(body).toMatchObject({ verdict: 'problem', signals: { loop: 'no_crash_loop' } })
    expect(body.signals).not.toHaveProperty('kill')
  })

  it.each([
    ['OOMKilled', { reason: 'OOMKilled', exitCode: 137 }, 1],
    ['exit code 137 for another reason', { reason: 'Error', exitCode: 137 }, 1],
    ['an exception', { reason: 'Error', exitCode: 1 }, 0],
    ['a normal end', { reason: 'Completed', exitCode: 0 }, 0],
  ])('count by how a pod ended: %s', async (_how, last, kills) => {
    const context = inCluster([aPod('p-0', { lastTermination: { ...last, at: KILLED_AT }, restarts: 1 })], {
      'p-0': 31.9 * GB,
    })
    expect(written(await runCheck(oomKills, context))).toMatchObject({ kills: String(kills) })
  })

  it('before the window do not count', async () => {
    const context = inCluster([aPod('p-0', { lastTermination: { ...killed, at: NOW - 2 * HOUR_MS } })], {})
    expect((await runCheck(oomKills, context, { window: '1h' })).verdict).toBe('clear')
  })

  it('of one pod three times in an hour are a crash loop, each counted once', async () => {
    const restarts = (at: number) =>
      [NOW - 50 * MINUTE_MS, NOW - 30 * MINUTE_MS, KILLED_AT].filter((one) => at >= one).length
    const body = await runCheck(
      oomKills,
      inCluster([aPod('p-0', { lastTermination: killed, restarts: 3 })], { 'p-0': 31.8 * GB }, { restarts }),
      { restarts: 'restarts_total{$selector}' },
    )
    expect(body).toMatchObject({ severity: 'critical', signals: { loop: 'crash_loop', kill: 'at_container_limit' } })
    expect(written(body)).toMatchObject({ kills: '3', perHour: '3/h' })
  })

  it('of a pod that is down after many restarts are a crash loop, though Kubernetes keeps only the last', async () => {
    const pod = aPod('p-0', { lastTermination: killed, restarts: 9, ready: false })
    const body = await runCheck(oomKills, inCluster([pod], { 'p-0': 31.8 * GB }))
    expect(body.signals.loop).toBe('crash_loop')
    expect(body.facts.find((one) => one.id === 'kills')).toMatchObject({ value: 1, interval: { low: 1, high: 9 } })
  })

  it('are not blamed on memory where a pod ends by an exception at every start', async () => {
    const pod = aPod('p-0', { lastTermination: { reason: 'Error', exitCode: 1, at: KILLED_AT }, restarts: 9 })
    const restarts = (at: number) => Math.floor((at - NOW + HOUR_MS) / (10 * MINUTE_MS))
    const body = await runCheck(oomKills, inCluster([pod], { 'p-0': GB }, { restarts }), {
      restarts: 'restarts_total{$selector}',
    })
    expect(body.verdict).toBe('clear')
  })

  it('are counted by the metrics where the cluster does not answer', async () => {
    const forbidden = async () => {
      throw new SourceError('forbidden', 'prod', 'no')
    }
    const restarts = (at: number) => (at >= KILLED_AT ? 1 : 0)
    const context = inCluster([], { 'p-0': 31.9 * GB }, { restarts })
    const cluster = aContext({ metrics: context.sources.metrics(), cluster: { pods: forbidden } })
    const body = await runCheck(oomKills, cluster, { restarts: 'restarts_total{$selector}' })
    expect(written(body)).toMatchObject({ kills: '1', levelAtKill: '31.9 GB' })
    await expect(runCheck(oomKills, cluster)).rejects.toMatchObject({ kind: 'forbidden' })
  })

  it('are unknown where there is neither a cluster nor a counter', async () => {
    const nothing = surgeMetrics({ restarts_total: undefined })
    await expect(runCheck(oomKills, aManagedEndpoint())).rejects.toMatchObject({ kind: 'not-configured' })
    await expect(
      runCheck(oomKills, aManagedEndpoint(nothing), { restarts: 'restarts_total{$selector}' }),
    ).rejects.toMatchObject({ kind: 'missing' })
  })
})
