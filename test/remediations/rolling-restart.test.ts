import { describe, expect, it } from '@jest/globals'
import { rollingRestart } from '../../src/remediations/rolling-restart.ts'
import { NOW } from '../builders.ts'
import { aCluster } from './a-cluster/index.ts'
import { useClock } from './clock.ts'
import { aContext, aMeter, executed, follow, order, planOf, play } from './play.ts'

const STAMP = new Date(NOW).toISOString()

useClock()

describe('a rolling restart', () => {
  it.each(['Deployment', 'StatefulSet', 'DaemonSet'] as const)(
    'of a %s replaces every pod and is followed to its end',
    async (kind) => {
      const cluster = aCluster({ kind })
      const before = cluster.pods.map(({ uid }) => uid)
      const { end, seen, tookMs } = await play(rollingRestart, cluster)
      expect(end).toMatchObject({
        result: 'succeeded',
        text: `3 of 3 pods are new and ready after ${tookMs / 1_000} s.`,
        progress: { done: 3, total: 3 },
      })
      expect(cluster.pods.filter(({ uid }) => before.includes(uid))).toEqual([])
      expect(cluster.changes).toEqual([`restart ${STAMP}`])
      expect(seen.map(({ done }) => done)).toEqual(expect.arrayContaining([0, 1, 2]))
    },
  )

  it('shows how long it has taken and how long it will, by its own pace once there is one', async () => {
    const cluster = aCluster({ replicas: 4 })
    const context = aContext(cluster, {
      history: async () => [{ kind: 'rolling-restart', startedAt: 0, finishedAt: 60_000, result: 'succeeded' }],
    })
    const { seen } = await play(rollingRestart, cluster, {
      context,
      eachSecond: (second) => second % 10 === 9 && cluster.tick(),
    })
    expect(seen[0]?.text).toBe('0 of 4 pods new and ready, 0 s, about 60 s to go')
    expect(seen[30]?.text).toBe('1 of 4 pods new and ready, 30 s, about 90 s to go')
  })

  it('starts once however often it is carried out under one approval', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(rollingRestart, context)
    await executed(rollingRestart, context, plan)
    // As a second executor that thinks the first is dead would, with a plan that is still current.
    const again = { ...plan, target: { ...plan.target, generation: 2 } }
    expect(await executed(rollingRestart, context, again)).toMatchObject({ generation: 2, stamp: STAMP })
    expect(cluster.changes).toHaveLength(1)
  })

  it('loses races against status updates and tries again under the same claim, eight times', async () => {
    const cluster = aCluster()
    cluster.failNext('restart', 'conflict', 7)
    const context = aContext(cluster)
    const plan = await planOf(rollingRestart, context)
    expect(await executed(rollingRestart, context, plan)).toMatchObject({ generation: 2 })
    cluster.failNext('restart', 'conflict', 8)
    const current = { ...plan, target: { ...plan.target, generation: 2 } }
    const failure = rollingRestart.execute(context, current, { ...order, approvedAt: NOW + 1 })
    await expect(failure).rejects.toMatchObject({ effect: 'none', message: expect.stringContaining('8 races') })
    expect(cluster.changes).toHaveLength(1)
  })

  it('is void once somebody changed the workload, with the same sentence as for an open offer', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(rollingRestart, context)
    expect(await rollingRestart.changed(context, plan)).toBeUndefined()
    cluster.resize(4)
    const text =
      'Deployment ml/web was changed by somebody since this was offered (generation 1 → 2); nothing was done. Ask for a fresh diagnosis.'
    expect(await rollingRestart.execute(context, plan, order)).toEqual({ void: text })
    expect(await rollingRestart.changed(context, plan)).toBe(text)
    expect(cluster.changes).toEqual(['resize 4'])
  })

  it('is void once the workload was made anew', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(rollingRestart, context)
    cluster.remake()
    const text =
      'Deployment ml/web was deleted and made anew since this was offered; nothing was done. Ask for a fresh diagnosis.'
    expect(await rollingRestart.execute(context, plan, order)).toEqual({ void: text })
    expect(await rollingRestart.changed(context, plan)).toBe(text)
  })

  it.each([
    ['answer-lost', 'carries the mark of this restart, so it did start.'],
    ['never-arrived', 'does not carry the mark of this restart, so it probably did not start.'],
  ] as const)('whose request had the fault “%s” can be looked at', async (fault, sentence) => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(rollingRestart, context)
    cluster.failNext('restart', fault)
    const effect = fault === 'answer-lost' ? 'unknown' : 'none'
    await expect(rollingRestart.execute(context, plan, order)).rejects.toMatchObject({ effect })
    expect(await rollingRestart.inspect(context, plan, order)).toBe(`What can be seen: Deployment ml/web ${sentence}`)
  })
})

describe('following a rolling restart', () => {
  it('goes on while the cluster does not answer', async () => {
    const cluster = aCluster()
    const eachSecond = (second: number): void => {
      cluster.away(second > 1 && second < 60)
      cluster.tick()
    }
    expect((await play(rollingRestart, cluster, { eachSecond })).end).toMatchObject({ result: 'succeeded' })
  })

  it('says for which pods it waits when its time is up', async () => {
    const cluster = aCluster({ kind: 'StatefulSet' })
    cluster.holdPods()
    const { end } = await play(rollingRestart, cluster, { parameters: { deadline: '5m' } })
    expect(end).toMatchObject({
      result: 'failed',
      text: 'The restart was started but did not finish within 5 min: 0 of 3 pods are new and ready; waiting for web-0 (old), web-1 (old), web-2 (starting). Kubernetes goes on with it. Look with `kubectl rollout status -n ml statefulset/web`.',
    })
  })

  it('admits that it was left in the dark', async () => {
    const cluster = aCluster()
    const { end } = await play(rollingRestart, cluster, { eachSecond: () => cluster.away(true) })
    expect(end).toMatchObject({
      result: 'failed',
      text: expect.stringContaining('did not say within 15 min how it went'),
    })
  })

  it('notices that somebody changed the workload meanwhile', async () => {
    const cluster = aCluster()
    const eachSecond = (second: number): void => {
      if (second === 2) cluster.deploy()
      cluster.tick()
    }
    const { end } = await play(rollingRestart, cluster, { eachSecond })
    expect(end).toMatchObject({
      result: 'succeeded',
      text: expect.stringMatching(/Somebody changed the workload meanwhile\.$/),
    })
  })

  it('ends when incbot does', async () => {
    const cluster = aCluster()
    const stop = new AbortController()
    const context = aContext(cluster, { signal: stop.signal })
    const following = play(rollingRestart, cluster, {
      context,
      eachSecond: (second) => second === 3 && stop.abort(new Error('Shutting down')),
    })
    await expect(following).rejects.toThrow('Shutting down')
  })

  it('can be taken up again after a crash, and ends the same', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(rollingRestart, context)
    const effect = await executed(rollingRestart, context, plan)
    const { end } = await follow(rollingRestart, context, plan, effect, () => cluster.tick())
    expect(await follow(rollingRestart, context, plan, effect, () => cluster.tick())).toMatchObject({
      end: { result: 'succeeded' },
    })
    expect(end).toMatchObject({ result: 'succeeded' })
    expect(cluster.changes).toHaveLength(1)
  })
})

describe('a rolling restart that goes bad', () => {
  it.each([
    ['CrashLoopBackOff', 'crashes again and again (CrashLoopBackOff'],
    ['OOMKilled', 'was killed for memory (OOMKilled'],
    ['ImagePullBackOff', 'cannot get its image (ImagePullBackOff'],
    ['PostStartHookError', 'does not come up (PostStartHookError'],
  ])('because of %s is stopped, and names the pod', async (trouble, text) => {
    const cluster = aCluster()
    cluster.trouble(trouble)
    const { end } = await play(rollingRestart, cluster)
    expect(end).toEqual({ halt: expect.stringMatching(/^web-\d+ is new and /) })
    expect('halt' in end && end.halt).toContain(text)
  })

  it('is not stopped by a pod that was bad before', async () => {
    const cluster = aCluster({ maxUnavailable: 1 })
    cluster.breakPod('web-1', 'OOMKilled')
    expect((await play(rollingRestart, cluster)).end).toMatchObject({ result: 'succeeded' })
  })

  it('is not stopped by what was seen only once', async () => {
    const cluster = aCluster()
    const eachSecond = (second: number): void => {
      cluster.trouble(second === 2 ? 'CrashLoopBackOff' : undefined)
      cluster.tick()
    }
    expect((await play(rollingRestart, cluster, { eachSecond })).end).toMatchObject({ result: 'succeeded' })
  })

  const haltWhen = [{ query: 'errors{$selector}', above: 0.05 }]
  const slowly = (cluster: ReturnType<typeof aCluster>) => (second: number) => second % 10 === 0 && cluster.tick()

  it('by a query is stopped once that was above its bound twice in a row', async () => {
    const cluster = aCluster({ replicas: 6 })
    const meter = aMeter([0.01, 0.2, 0.01, 0.2, 0.3])
    const { end, seen } = await play(rollingRestart, cluster, {
      parameters: { haltWhen },
      context: aContext(cluster, { measure: meter.measure }),
      eachSecond: slowly(cluster),
    })
    expect(end).toEqual({ halt: '`errors{$selector}` is 0.3, above its bound of 0.05.' })
    // The first answer is the one while planning.
    expect(meter.asked).toHaveLength(5)
    expect(seen.at(-1)?.done).toBeGreaterThan(0)
  })

  it('is not stopped by a query before a new pod is ready', async () => {
    const cluster = aCluster()
    cluster.holdPods()
    const meter = aMeter([0.9])
    const context = aContext(cluster, { measure: meter.measure })
    const { end } = await play(rollingRestart, cluster, { parameters: { haltWhen, deadline: '2m' }, context })
    expect(end).toMatchObject({ result: 'failed' })
    expect(meter.asked).toHaveLength(1)
  })

  it.each([
    ['gives nothing', async () => undefined, 'it gives nothing'],
    ['fails', undefined, 'inference has no `metrics`'],
  ] as const)('is never stopped by a query that %s, and says so', async (_what, measure, why) => {
    const cluster = aCluster({ replicas: 6 })
    const context = aContext(cluster, measure && { measure })
    const { end, seen } = await play(rollingRestart, cluster, {
      parameters: { haltWhen },
      context,
      eachSecond: slowly(cluster),
    })
    expect(end).toMatchObject({ result: 'succeeded' })
    expect(seen.at(-1)?.text).toContain(`; no answer from \`errors{$selector}\` (${why})`)
  })
})

describe('halting a rolling restart', () => {
  it('pauses a Deployment, says what that means and offers to go back', async () => {
    const cluster = aCluster()
    cluster.trouble('CrashLoopBackOff')
    const context = aContext(cluster)
    const { plan, effect } = await play(rollingRestart, cluster, { context })
    const halted = await rollingRestart.halt(context, plan, effect, 'web-4 crashes')
    expect(halted.outcome).toMatchObject({
      result: 'halted',
      text: 'Stopped: web-4 crashes. Deployment ml/web is paused: no further pod is replaced, and no deploy of it goes on until `kubectl rollout resume -n ml deployment/web`. Of 3 pods 0 are new and ready, 3 are old, 1 are between.',
      progress: { done: 0, total: 3 },
    })
    expect(halted.offers).toEqual([
      { kind: 'rollback', parameters: { toRevision: 1, deadline: 900_000, only: 'prod/ml/Deployment/web' } },
    ])
    // It may be repeated.
    expect(await rollingRestart.halt(context, plan, effect, 'web-4 crashes')).toEqual(halted)
    expect(cluster.changes).toEqual([`restart ${STAMP}`, 'pause'])
  })

  it.each([
    ['StatefulSet', 'waits at one that does not'],
    ['DaemonSet', 'no further than its maxUnavailable'],
  ] as const)('of a %s changes nothing and says what that means', async (kind, text) => {
    const cluster = aCluster({ kind })
    cluster.trouble('OOMKilled')
    const context = aContext(cluster)
    const { plan, effect } = await play(rollingRestart, cluster, { context })
    const { outcome, offers } = await rollingRestart.halt(context, plan, effect, 'x')
    expect(outcome).toMatchObject({ result: 'halted', text: expect.stringContaining(`A ${kind} cannot be paused`) })
    expect(outcome.text).toContain(text)
    expect(offers).toEqual([])
    expect(cluster.changes).toEqual([`restart ${STAMP}`])
  })

  it('leaves a rollout alone that somebody else started since', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(rollingRestart, context)
    const effect = await executed(rollingRestart, context, plan)
    const theirs = { ...plan, target: { ...plan.target, generation: 2 } }
    await rollingRestart.execute(context, theirs, { ...order, approvedAt: NOW + 60_000 })
    const { outcome, offers } = await rollingRestart.halt(context, plan, effect, 'x')
    expect(outcome.text).toContain('Somebody started another rollout since, which is theirs and was not paused.')
    expect(offers).toEqual([])
    expect(cluster.changes).not.toContain('pause')
  })

  it('does not pause what has ended, but offers to go back all the same', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const { plan, effect } = await play(rollingRestart, cluster, { context })
    const { outcome, offers } = await rollingRestart.halt(context, plan, effect, 'errors rise')
    expect(outcome.text).toMatch(/^Stopped: errors rise\. It had ended, so nothing was paused\./)
    expect(offers).toHaveLength(1)
    expect(cluster.changes).toEqual([`restart ${STAMP}`])
  })

  it('fails, to be tried again, while the cluster does not answer', async () => {
    const cluster = aCluster()
    const context = aContext(cluster)
    const plan = await planOf(rollingRestart, context)
    const effect = await executed(rollingRestart, context, plan)
    cluster.away(true)
    await expect(rollingRestart.halt(context, plan, effect, 'x')).rejects.toMatchObject({ effect: 'none' })
  })

  it('offers nothing where there is no revision to go back to', async () => {
    const cluster = aCluster()
    const { writer } = cluster
    const context = aContext(cluster, {
      writer: () => ({
        ...writer,
        target: async (...given) => ({ ...(await writer.target(...given)), earlierRevisions: [] }),
      }),
    })
    const plan = await planOf(rollingRestart, context)
    const effect = await executed(rollingRestart, context, plan)
    const { outcome, offers } = await rollingRestart.halt(context, plan, effect, 'x')
    expect(outcome.text).toContain('There is no revision to go back to.')
    expect(offers).toEqual([])
  })
})
