import { describe, expect, it } from '@jest/globals'
import { scaleOut } from '../../src/remediations/scale-out.ts'
import { aCluster } from './a-cluster/index.ts'
import type { AClusterOptions } from './a-cluster/state.ts'
import { useClock } from './clock.ts'
import { aContext, executed, order, planOf, play } from './play.ts'

useClock()

type Cluster = ReturnType<typeof aCluster>
const SCALED: AClusterOptions = { autoscaler: { minReplicas: 2, maxReplicas: 20 } }

describe('scaling out', () => {
  it.each<[string, AClusterOptions, readonly string[]]>([
    ['a Deployment sets its replicas', {}, ['scale 6']],
    ['a StatefulSet sets its replicas', { kind: 'StatefulSet' }, ['scale 6']],
    ['what an autoscaler sizes raises its minimum', SCALED, ['minimum 6', 'autoscaled to 6']],
  ])('%s, and is followed until they are ready', async (_, options, changes) => {
    const cluster = aCluster(options)
    const before = cluster.pods.map(({ uid }) => uid)
    const { end, seen } = await play(scaleOut, cluster, {
      parameters: { to: 6 },
      eachSecond: (second) => second % 5 === 4 && cluster.tick(),
    })
    expect(end).toMatchObject({
      result: 'succeeded',
      text: expect.stringMatching(/^6 of 6 pods are ready after \d+ s\.$/),
      progress: { done: 6, total: 6 },
    })
    const longest = options.kind === 'StatefulSet' ? 60 : 20
    expect(seen[0]?.text).toBe(`3 of 6 pods ready, 0 s, about ${longest} s to go`)
    expect(cluster.changes).toEqual(changes)
    expect(cluster.pods.filter(({ uid }) => before.includes(uid))).toHaveLength(3)
  })

  it('reckons how long is left from the pods that came, not from those that were there', async () => {
    const cluster = aCluster({ kind: 'StatefulSet' })
    cluster.holdPods()
    const { seen } = await play(scaleOut, cluster, {
      parameters: { to: 6, deadline: '2m' },
      eachSecond: (second) => {
        cluster.tick()
        if (second === 40) cluster.becomeReady('web-3')
      },
    })
    expect(seen.find(({ done }) => done === 4)?.text).toMatch(/^4 of 6 pods ready, 4\d s, about 8\d s to go$/)
  })

  it.each<[string, AClusterOptions, (cluster: Cluster) => void, string]>([
    [
      'its size was changed',
      {},
      (cluster) => cluster.resize(5),
      'was changed by somebody since this was offered (generation 1 → 2)',
    ],
    ['it was made anew', SCALED, (cluster) => cluster.remake(), 'was deleted and made anew'],
    [
      'an autoscaler came',
      {},
      (cluster) => cluster.setAutoscaler({}),
      'has got an autoscaler, web-scaler, since this was offered',
    ],
    ['its autoscaler went', SCALED, (cluster) => cluster.setAutoscaler(undefined), 'has no autoscaler any more'],
    [
      'its autoscaler is another one',
      SCALED,
      (cluster) => cluster.setAutoscaler({ uid: 'other' }),
      'has another autoscaler than when this was offered',
    ],
    [
      'somebody set the minimum',
      SCALED,
      (cluster) => cluster.setAutoscaler({ minReplicas: 4 }),
      'keeps at least 4 pods; it kept 2 when this was offered',
    ],
    [
      'somebody lowered the maximum',
      SCALED,
      (cluster) => cluster.setAutoscaler({ maxReplicas: 5 }),
      'allows at most 5 pods now',
    ],
  ])('is void once %s', async (_, options, change, text) => {
    const cluster = aCluster(options)
    const context = aContext(cluster)
    const plan = await planOf(scaleOut, context, { to: 6 })
    expect(await scaleOut.changed(context, plan)).toBeUndefined()
    change(cluster)
    const changes = [...cluster.changes]
    expect(await scaleOut.execute(context, plan, order)).toEqual({ void: expect.stringContaining(text) })
    expect(await scaleOut.changed(context, plan)).toContain(text)
    expect(cluster.changes).toEqual(changes)
  })

  it('is not void because its autoscaler scales', async () => {
    const cluster = aCluster(SCALED)
    const context = aContext(cluster)
    const plan = await planOf(scaleOut, context, { to: 6 })
    cluster.resize(5)
    expect(await scaleOut.changed(context, plan)).toBeUndefined()
    await executed(scaleOut, context, plan)
    expect(cluster.changes).toEqual(['resize 5', 'minimum 6'])
  })

  it.each([
    ['scale', {}],
    ['setMinimum', SCALED],
  ] as const)('loses races of %s and tries again, eight times', async (method, options) => {
    const cluster = aCluster(options)
    const context = aContext(cluster)
    const plan = await planOf(scaleOut, context, { to: 6 })
    cluster.failNext(method, 'conflict', 8)
    await expect(scaleOut.execute(context, plan, order)).rejects.toMatchObject({ effect: 'none' })
    cluster.failNext(method, 'conflict', 7)
    await executed(scaleOut, context, plan)
    expect(cluster.changes).toHaveLength(1)
  })

  it.each([
    [
      'scale',
      {},
      'answer-lost',
      'Deployment ml/web is set to 6 pods. So it did happen, or somebody else did the same.',
    ],
    ['scale', {}, 'never-arrived', 'Deployment ml/web is set to 3 pods. So it probably did not happen.'],
    [
      'setMinimum',
      SCALED,
      'answer-lost',
      'The autoscaler of Deployment ml/web keeps at least 6 pods. So it did happen, or somebody else did the same.',
    ],
    [
      'setMinimum',
      SCALED,
      'never-arrived',
      'The autoscaler of Deployment ml/web keeps at least 2 pods. So it probably did not happen.',
    ],
  ] as const)('whose %s %j had the fault “%s” can be looked at', async (method, options, fault, text) => {
    const cluster = aCluster(options)
    const context = aContext(cluster)
    const plan = await planOf(scaleOut, context, { to: 6 })
    cluster.failNext(method, fault)
    await expect(scaleOut.execute(context, plan, order)).rejects.toMatchObject({
      effect: fault === 'answer-lost' ? 'unknown' : 'none',
    })
    expect(await scaleOut.inspect(context, plan, order)).toBe(`What can be seen: ${text}`)
  })
})

describe('scaling out that does not go well', () => {
  it('says which pods it waits for, and where to look', async () => {
    const cluster = aCluster({ slots: 4 })
    const { end } = await play(scaleOut, cluster, { parameters: { to: 6, deadline: '3m' } })
    expect(end).toMatchObject({
      result: 'failed',
      text: expect.stringMatching(
        /^It was scaled out, but only 4 of 6 pods are ready after 3 min; waiting for web-\d, web-\d\. A pod that fits on no node waits for one: `kubectl -n ml describe pod` says so\.$/,
      ),
    })
  })

  it('notices that somebody took it back', async () => {
    const cluster = aCluster()
    cluster.holdPods()
    const { end } = await play(scaleOut, cluster, {
      parameters: { to: 6 },
      eachSecond: (second) => {
        if (second === 5) cluster.resize(4)
        cluster.tick()
      },
    })
    expect(end).toMatchObject({
      result: 'failed',
      text: 'Somebody took it back meanwhile: Deployment ml/web is set to 4 pods. 3 of 6 pods were ready by then.',
    })
  })

  it('is stopped by pods that are bad, of those that were added', async () => {
    const cluster = aCluster()
    cluster.breakPod('web-0', 'OOMKilled')
    cluster.trouble('ImagePullBackOff')
    const { end } = await play(scaleOut, cluster, { parameters: { to: 5 } })
    expect('halt' in end ? end.halt : '').toMatch(/^web-\d is new and cannot get its image .*web-\d is new/)
    expect('halt' in end ? end.halt : '').not.toContain('web-0')
  })

  it('admits that it was left in the dark', async () => {
    const cluster = aCluster()
    const { end } = await play(scaleOut, cluster, { parameters: { to: 6 }, eachSecond: () => cluster.away(true) })
    expect(end).toMatchObject({ result: 'failed', text: expect.stringContaining('did not say within 15 min') })
  })

  it.each<[string, AClusterOptions, string]>([
    [
      'replicas',
      {},
      'Stopped: it is enough. What was added stays, because incbot never takes pods away. Deployment ml/web is set to 6 pods. To go back: `kubectl scale -n ml deployment/web --replicas=3`.',
    ],
    [
      'an autoscaler',
      SCALED,
      'Stopped: it is enough. What was added stays, because incbot never takes pods away. The autoscaler of Deployment ml/web keeps at least 6 pods. To go back: set `minReplicas` of its autoscaler to 2; it then takes away what is not needed.',
    ],
  ])('leaves what was added when it is halted, and says the way back: %s', async (_, options, text) => {
    const cluster = aCluster(options)
    const context = aContext(cluster)
    const plan = await planOf(scaleOut, context, { to: 6 })
    const effect = await executed(scaleOut, context, plan)
    const before = [...cluster.changes]
    expect(await scaleOut.halt(context, plan, effect, 'it is enough')).toEqual({
      outcome: { result: 'halted', text },
      offers: [],
    })
    expect(cluster.changes).toEqual(before)
  })

  it('says so where the autoscaler is gone by then', async () => {
    const cluster = aCluster(SCALED)
    const context = aContext(cluster)
    const plan = await planOf(scaleOut, context, { to: 6 })
    const effect = await executed(scaleOut, context, plan)
    cluster.setAutoscaler(undefined)
    const { outcome } = await scaleOut.halt(context, plan, effect, 'x')
    expect(outcome.text).toContain('Deployment ml/web has no autoscaler any more, and is set to 3 pods.')
    expect(await scaleOut.inspect(context, plan, order)).toContain('So it probably did not happen.')
  })
})
