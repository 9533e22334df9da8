import { describe, expect, it } from '@jest/globals'
import { evictionOrder } from '../../src/remediations/next-eviction.ts'
import { orderedRestart } from '../../src/remediations/ordered-restart.ts'
import { aCluster } from './a-cluster/index.ts'
import type { AClusterOptions } from './a-cluster/state.ts'
import { useClock } from './clock.ts'
import { aContext, executed, follow, order, planOf, play } from './play.ts'

useClock()

describe('an ordered restart', () => {
  it.each<[string, AClusterOptions]>([
    ['a Deployment', { kind: 'Deployment' }],
    ['a Deployment without room for a surge pod', { kind: 'Deployment', slots: 3 }],
    ['a StatefulSet', { kind: 'StatefulSet' }],
    ['a StatefulSet that waits for deletion by hand', { kind: 'StatefulSet', heldBack: 'on-delete' }],
    ['a StatefulSet that a partition keeps back', { kind: 'StatefulSet', heldBack: 'partition' }],
    ['a DaemonSet', { kind: 'DaemonSet' }],
    ['one with a budget', { minAvailable: 2 }],
    ['one with a single pod', { replicas: 1 }],
  ])('of %s takes every pod once, one at a time', async (_, options) => {
    const cluster = aCluster(options)
    const before = cluster.pods.map(({ uid }) => uid)
    const { end, seen } = await play(orderedRestart, cluster)
    expect(end).toMatchObject({ result: 'succeeded', progress: { done: before.length, total: before.length } })
    expect(cluster.evicted.toSorted()).toEqual(before.toSorted())
    expect(cluster.pods.filter(({ uid }) => before.includes(uid))).toEqual([])
    expect(cluster.fewestReady).toBe(before.length - 1)
    // No change of the specification: nothing that Kubernetes or an approval would count.
    expect(cluster.changes).toEqual([])
    expect(new Set(seen.map(({ done }) => done)).size).toBe(before.length)
  })

  it('changes nothing in the cluster when it is carried out, and fixes which pods go', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const effect = await executed(orderedRestart, context, await planOf(orderedRestart, context))
    expect(effect.pods).toEqual(['web-2=pod-3', 'web-1=pod-2', 'web-0=pod-1'])
    expect(cluster.evicted).toEqual([])
    expect(await orderedRestart.inspect(context, await planOf(orderedRestart, context), order)).toMatch(
      /nothing was evicted/,
    )
  })

  it.each([
    ['changed by somebody', (cluster: ReturnType<typeof aCluster>) => cluster.deploy(), 'generation 1 → 2'],
    ['made anew', (cluster: ReturnType<typeof aCluster>) => cluster.remake(), 'deleted and made anew'],
  ])('is void once the workload was %s', async (_, change, text) => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(orderedRestart, context)
    change(cluster)
    expect(await orderedRestart.execute(context, plan, order)).toEqual({ void: expect.stringContaining(text) })
    expect(await orderedRestart.changed(context, plan)).toContain(text)
  })

  it('lets things settle between two pods, and not before the first', async () => {
    const settleS = 60
    const cluster = aCluster()
    const goneAt: number[] = []
    const eachSecond = (second: number): void => {
      if (cluster.evicted.length > goneAt.length) goneAt.push(second)
      cluster.tick()
    }
    await play(orderedRestart, cluster, { parameters: { settle: `${settleS}s` }, eachSecond })
    expect(goneAt[0]).toBeLessThan(3)
    const gaps = goneAt.slice(1).map((at, index) => at - (goneAt[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(settleS)
    expect(Math.max(...gaps)).toBeLessThan(settleS + 10)
  })

  it('begins to settle anew when a pod is not ready in between', async () => {
    const cluster = aCluster()
    let goneAt: number | undefined
    const eachSecond = (second: number): void => {
      // Well after the first successor is ready.
      if (second === 30) cluster.breakPod('web-0', 'Error')
      if (second === 35) cluster.trouble(undefined)
      if (cluster.evicted.length === 2) goneAt ??= second
      cluster.tick()
    }
    await play(orderedRestart, cluster, { parameters: { settle: '60s' }, eachSecond })
    expect(goneAt).toBeGreaterThanOrEqual(95)
  })

  it('takes a pod that is not ready before all others, then the one that was asked for, then by name', async () => {
    const cluster = aCluster({ replicas: 12 })
    cluster.breakPod('web-1')
    cluster.evict('web-5')
    const pods = await cluster.observer.pods(cluster.workload, AbortSignal.timeout(1_000))
    const names = evictionOrder(pods, 'web-3').map(({ name }) => name)
    expect(names.slice(0, 4)).toEqual(['web-1', 'web-3', 'web-11', 'web-10'])
    // It goes already.
    expect(names).not.toContain('web-5')
  })
})

describe('an ordered restart that has to wait', () => {
  it('takes no pod while another is not ready, and is stopped when its time is up', async () => {
    const cluster = aCluster({ kind: 'StatefulSet' })
    cluster.holdPods()
    const { end, seen } = await play(orderedRestart, cluster, { parameters: { deadline: '5m' } })
    expect(end).toEqual({ halt: 'It did not finish within 5 min: waiting for web-2 to be ready.' })
    expect(cluster.evicted).toHaveLength(1)
    expect(seen.at(-1)).toMatchObject({
      text: '0 of 3 pods new and ready, 5 min; waiting for web-2 to be ready',
      pods: [
        { name: 'web-2', state: 'starting' },
        { name: 'web-1', state: 'old' },
        { name: 'web-0', state: 'old' },
      ],
    })
  })

  it('waits for a budget, asks it again now and then, and goes on', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(orderedRestart, context)
    const effect = await executed(orderedRestart, context, plan)
    cluster.setBudget(3)
    const { end, seen } = await follow(orderedRestart, context, plan, effect, (second) => {
      if (second === 120) cluster.setBudget(2)
      cluster.tick()
    })
    expect(seen[60]?.text).toBe(
      '0 of 3 pods new and ready, 60 s, about 2 min to go; web-2 may not go now: The disruption budget web-budget needs 3 healthy pods and has 3 currently',
    )
    expect(end).toMatchObject({ result: 'succeeded' })
  })

  it('is stopped with the budget’s own words when that never has anything to spare', async () => {
    const cluster = aCluster({ minAvailable: 3 })
    const { end } = await play(orderedRestart, cluster, { parameters: { deadline: '10m' } })
    expect(end).toEqual({
      halt: 'It did not finish within 10 min: web-2 may not go now: The disruption budget web-budget needs 3 healthy pods and has 3 currently.',
    })
    expect(cluster.evicted).toEqual([])
  })

  it.each(['answer-lost', 'never-arrived'] as const)('goes on after an eviction with the fault “%s”', async (fault) => {
    const cluster = aCluster()
    cluster.failNext('evict', fault)
    expect((await play(orderedRestart, cluster)).end).toMatchObject({ result: 'succeeded' })
    expect(cluster.evicted).toHaveLength(3)
  })

  it('goes on after the cluster was away for a while', async () => {
    const cluster = aCluster()
    const eachSecond = (second: number): void => {
      cluster.away(second > 3 && second < 90)
      cluster.tick()
    }
    expect((await play(orderedRestart, cluster, { eachSecond })).end).toMatchObject({ result: 'succeeded' })
  })
})

describe('an ordered restart that must not go on', () => {
  const until = (evicted: number) => (cluster: ReturnType<typeof aCluster>) => cluster.evicted.length === evicted

  it.each<[string, (cluster: ReturnType<typeof aCluster>) => void, RegExp]>([
    [
      'somebody deployed',
      (cluster) => cluster.deploy(),
      /^Deployment ml\/web was changed by somebody .*generation 1 → 2\)\.$/,
    ],
    ['somebody made it anew', (cluster) => cluster.remake(), /deleted and made anew/],
    ['a new pod crashes', (cluster) => cluster.trouble('CrashLoopBackOff'), /is new and crashes again and again/],
    ['a new pod was killed for memory', (cluster) => cluster.trouble('OOMKilled'), /is new and was killed for memory/],
  ])('stops because %s', async (_, change, reason) => {
    const cluster = aCluster()
    const { end } = await play(orderedRestart, cluster, {
      eachSecond: () => {
        if (until(1)(cluster) && cluster.changes.length === 0) change(cluster)
        cluster.tick()
      },
    })
    expect('halt' in end ? end.halt : '').toMatch(reason)
    expect(cluster.evicted).toHaveLength(1)
  })

  it('sees a new pod fail that a partition made of the old template', async () => {
    const cluster = aCluster({ kind: 'StatefulSet', heldBack: 'partition' })
    cluster.trouble('ImagePullBackOff')
    const { end } = await play(orderedRestart, cluster)
    expect('halt' in end ? end.halt : '').toMatch(/^web-2 is new and cannot get its image/)
  })

  it('looks before every pod whether incbot was switched off', async () => {
    const cluster = aCluster()
    let asked = 0
    const context = aContext(cluster, {
      switchedOff: async () => {
        asked += 1
        return cluster.evicted.length === 2 ? 'by ana' : undefined
      },
    })
    const { end } = await play(orderedRestart, cluster, { context })
    expect(end).toEqual({ halt: 'incbot was switched off (by ana).' })
    expect([cluster.evicted.length, asked]).toEqual([2, 3])
  })

  it('takes no further pod once it was called off, wherever it is at that moment', async () => {
    const cluster = aCluster()
    const stop = new AbortController()
    const context = aContext(cluster, {
      signal: stop.signal,
      // Called off after the last look and before the eviction.
      switchedOff: async () => {
        if (cluster.evicted.length === 1) stop.abort(new Error('No longer wanted'))
        return undefined
      },
    })
    await expect(play(orderedRestart, cluster, { context })).rejects.toThrow('No longer wanted')
    expect(cluster.evicted).toHaveLength(1)
  })

  it('does not mind a change after its last pod has gone', async () => {
    const cluster = aCluster({ heldBack: 'on-delete' })
    const eachSecond = (): void => {
      if (until(3)(cluster) && cluster.changes.length === 0) cluster.deploy()
      cluster.tick()
    }
    expect((await play(orderedRestart, cluster, { eachSecond })).end).toMatchObject({ result: 'succeeded' })
  })

  it('says when it is halted which pods are new and which are old, and does nothing', async () => {
    const cluster = aCluster({ kind: 'StatefulSet', replicas: 4 })
    const context = aContext(cluster)
    const plan = await planOf(orderedRestart, context)
    const effect = await executed(orderedRestart, context, plan)
    cluster.evict('web-3')
    cluster.tick()
    const halted = await orderedRestart.halt(context, plan, effect, 'latency rises')
    expect(halted).toEqual({
      outcome: {
        result: 'halted',
        text: 'Stopped: latency rises. Nothing more is evicted; a pod that is stopping or starting goes on with that by itself. New: web-3. Still old: web-2, web-1, web-0. There is nothing to go back to: old and new pods are of the same version.',
      },
      offers: [],
    })
    expect(await orderedRestart.halt(context, plan, effect, 'latency rises')).toEqual(halted)
    expect(cluster.evicted).toEqual([])
  })
})

describe('an ordered restart that is gone on with', () => {
  it('counts a pod as done that somebody else replaced', async () => {
    const cluster = aCluster({ kind: 'StatefulSet' })
    const context = aContext(cluster)
    const plan = await planOf(orderedRestart, context)
    const effect = await executed(orderedRestart, context, plan)
    cluster.evict('web-1')
    cluster.tick()
    cluster.tick()
    const { end } = await follow(orderedRestart, context, plan, effect, () => cluster.tick())
    expect(end).toMatchObject({ result: 'succeeded' })
    expect(cluster.evicted).toEqual(['pod-3', 'pod-1'])
  })

  it('ends at once where everything was done before', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const { plan, effect } = await play(orderedRestart, cluster, { context })
    const { end } = await follow(orderedRestart, context, plan, effect, () => cluster.tick())
    expect(end).toMatchObject({ result: 'succeeded' })
    expect(cluster.evicted).toHaveLength(3)
  })

  it.each([
    ['of another version of incbot', { pods: ['web-0'], startedAt: 1 }],
    ['of nothing', {}],
  ])('cannot be gone on with from a record %s', async (_, effect) => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(orderedRestart, context)
    await expect(orderedRestart.follow(context, plan, effect, () => undefined)).rejects.toMatchObject({
      effect: 'none',
    })
    expect(cluster.evicted).toEqual([])
  })
})
