import { describe, expect, it } from '@jest/globals'
import type { ServiceMetrics, Workload } from '../../src/domain/service.ts'
import { orderedRestart } from '../../src/remediations/ordered-restart.ts'
import { rollback } from '../../src/remediations/rollback.ts'
import { rollingRestart } from '../../src/remediations/rolling-restart.ts'
import { scaleOut } from '../../src/remediations/scale-out.ts'
import { aService, NOW } from '../builders.ts'
import { aCluster } from './a-cluster/index.ts'
import { aContext, aMeter, planOf } from './play.ts'

const metrics: ServiceMetrics = {
  source: 'prometheus',
  selector: 'app="web"',
  replicaLabel: 'pod',
  memory: 'memory',
  requests: 'rate(requests{$selector}[5m])',
}
const past = (kind: string, seconds: number, result: 'succeeded' | 'failed' = 'succeeded') => ({
  kind,
  startedAt: NOW - 86_400_000,
  finishedAt: NOW - 86_400_000 + seconds * 1_000,
  result,
})

describe('what a rolling restart shows before anybody presses', () => {
  it('is the exact plan, how long it takes and what it costs', async () => {
    const cluster = aCluster({ replicas: 4, maxSurge: 0, maxUnavailable: 1 })
    const service = aService({ workloads: [cluster.workload], metrics })
    const { measure, asked } = aMeter([1_680])
    const history = async () => [
      past('rolling-restart', 8),
      past('ordered-restart', 500),
      past('rolling-restart', 12),
      past('rolling-restart', 1, 'failed'),
      past('rolling-restart', 10),
      past('rolling-restart', 9_000),
    ]
    expect(await planOf(rollingRestart, aContext(cluster, { service, measure, history }))).toMatchObject({
      target: { service: 'inference', workload: cluster.workload, uid: 'workload-1', generation: 1 },
      button: 'Restart web',
      summary: 'Rolling restart of Deployment ml/web on prod: 4 pods, surge 0, unavailable 1',
      blastRadius:
        'Restarts 4 pods of Deployment ml/web on prod, surge 0, unavailable 1; capacity falls to 3 of 4 pods for about 10 s; about 420 of 1,680 requests a second are served by each pod to go.',
      details: [
        'At most 1 pod fewer and 0 more than 4 while it goes on.',
        'It takes about 10 s, as the last 3 restarts took 8 s to 12 s.',
        'Capacity falls to 3 of 4 pods for about 10 s.',
        'About 420 of 1,680 requests a second are served by each pod to go.',
        'Requests that a stopping pod holds may fail.',
      ],
      parameters: { deadlineMs: 900_000, estimateMs: 10_000, haltWhen: [] },
    })
    expect(asked).toEqual(['sum(rate(requests{$selector}[5m]))'])
  })

  it.each<[string, Parameters<typeof aCluster>[0], readonly string[]]>([
    [
      'from its pods where there was no restart before',
      { replicas: 5, maxSurge: 1, maxUnavailable: 1 },
      [
        'It takes about 3 min: its pods took up to 20 s to start and may take 30 s to stop, in 3 steps.',
        'Capacity falls to 4 of 5 pods for about 3 min.',
      ],
    ],
    [
      'where no capacity is lost',
      { maxSurge: 1 },
      ['Capacity stays at 3 pods: one goes only when a new one is ready.'],
    ],
    ['where nobody serves meanwhile', { maxSurge: 0, maxUnavailable: 3 }, ['No pod serves for about 50 s.']],
  ])('tells the cost %s', async (_, options, sentences) => {
    const { details } = await planOf(rollingRestart, aContext(aCluster(options)))
    expect(details).toEqual(expect.arrayContaining([...sentences]))
  })

  it('admits what it does not know', async () => {
    const cluster = aCluster({ kind: 'StatefulSet', replicas: 1 })
    cluster.breakPod('web-0')
    const context = aContext(cluster, {
      service: aService({ workloads: [cluster.workload], metrics }),
      history: async () => {
        throw new Error('the store is away')
      },
    })
    const { details, blastRadius } = await planOf(rollingRestart, context)
    expect(details).toEqual(
      expect.arrayContaining([
        'How long it takes is not known: none of its pods is ready.',
        'No pod serves for as long as it takes.',
        'How many requests its pods serve is not known (inference has no `metrics`).',
      ]),
    )
    expect(blastRadius).toBe(
      'Restarts 1 pod of StatefulSet ml/web on prod, one at a time; no pod serves for as long as it takes.',
    )
    const nothing = { ...context, measure: async () => undefined }
    expect((await planOf(rollingRestart, nothing)).details.join(' ')).toContain('(the query gives nothing)')
  })

  it('gives no share of the requests where several workloads serve them', async () => {
    const cluster = aCluster()
    const other: Workload = { ...cluster.workload, name: 'other' }
    const service = aService({ workloads: [cluster.workload, other], metrics })
    const context = aContext(cluster, { service, measure: aMeter([900]).measure })
    const [plan] = await rollingRestart.plan(context, rollingRestart.parameters.parse({}))
    expect(plan?.details).toContain('The whole service gets 900 requests a second.')
  })

  it('says what would stop it', async () => {
    const context = aContext(aCluster(), { measure: aMeter([0]).measure })
    const plan = await planOf(rollingRestart, context, { haltWhen: [{ query: 'a b {$selector}', above: 0.05 }] })
    expect(plan.details).toContain('It stops when `a b {$selector}` is above 0.05.')
    expect(plan.parameters.haltWhen).toEqual(['0.05 a b {$selector}'])
  })

  it.each([
    ['there is no room for a surge pod', { slots: 3 }, true],
    ['new pods wait for the room of old ones', { slots: 3, maxUnavailable: 1 }, true],
    ['only some surge pods fit', { replicas: 8, maxSurge: 2, slots: 9 }, false],
    ['its pods go only by hand', { kind: 'DaemonSet', heldBack: 'on-delete' }, true],
    ['a partition keeps pods back', { kind: 'StatefulSet', heldBack: 'partition' }, true],
    ['nothing is in the way', {}, false],
  ] as const)('offers the ordered restart beside it where %s: %j', async (_, options, offered) => {
    const { instead } = await planOf(rollingRestart, aContext(aCluster(options)))
    expect(instead).toEqual(
      offered
        ? {
            kind: 'ordered-restart',
            parameters: {
              settle: 10_000,
              deadline: 3_600_000,
              only: `prod/ml/${'kind' in options ? options.kind : 'Deployment'}/web`,
            },
          }
        : undefined,
    )
  })

  it('offers in its place only what that can be planned from', async () => {
    const cluster = aCluster({ slots: 3 })
    const context = aContext(cluster)
    const { instead } = await planOf(rollingRestart, context)
    const [plan] = await orderedRestart.plan(context, instead?.parameters)
    expect(plan).toMatchObject({ button: 'Restart web one by one', target: { workload: cluster.workload } })
  })
})

describe('what other kinds show before anybody presses', () => {
  it('is the order of an ordered restart', async () => {
    const cluster = aCluster({ kind: 'StatefulSet' })
    const plan = await planOf(orderedRestart, aContext(cluster), { first: 'web-0', settle: '1m' })
    expect(plan).toMatchObject({
      summary: 'Ordered restart of StatefulSet ml/web on prod: 3 pods, one at a time, by eviction',
      blastRadius:
        'Evicts 3 pods of StatefulSet ml/web on prod, one at a time; capacity falls to 2 of 3 pods for about 6 min.',
      details: [
        'In this order: web-0, web-2, web-1.',
        'Each goes only while all others are ready, 60 s after the one before it became ready, and as disruption budgets allow.',
        'It takes about 6 min: its pods took up to 20 s to start and may take 30 s to stop, in 3 steps, 60 s of waiting after each.',
        'Capacity falls to 2 of 3 pods for about 6 min.',
        'Requests that a stopping pod holds may fail.',
      ],
      parameters: { deadlineMs: 3_600_000, settleMs: 60_000, estimateMs: 330_000, first: 'web-0' },
    })
  })

  it('is where a rollback goes, and that it ends a pause', async () => {
    const cluster = aCluster()
    cluster.deploy()
    cluster.pauseByHand()
    expect(await planOf(rollback, aContext(cluster), { toRevision: 1 })).toMatchObject({
      target: { generation: 3 },
      button: 'Roll web back to 1',
      summary: 'Take Deployment ml/web on prod back to revision 1: 3 pods, surge 1, unavailable 0',
      blastRadius:
        'Takes Deployment ml/web on prod back to revision 1 and replaces its newer pods; capacity stays at 3 pods: one goes only when a new one is ready.',
      details: expect.arrayContaining(['It is paused now, and goes on with the same write.']),
      parameters: { toRevision: 1, deadlineMs: 900_000, estimateMs: 150_000 },
    })
  })

  it('is how many pods a surge gets, and of whom', async () => {
    const cluster = aCluster({ replicas: 10 })
    expect(await planOf(scaleOut, aContext(cluster))).toMatchObject({
      target: { uid: 'workload-1', generation: 1 },
      button: 'Scale web to 13',
      summary: 'Scale Deployment ml/web on prod out from 10 to 13 pods',
      blastRadius:
        'Adds 3 pods to Deployment ml/web on prod, 10 → 13; each asks for 30 GB and 4 CPUs; nothing restarts.',
      details: [
        'No autoscaler sets its size, so the number of replicas is set.',
        'It takes about 20 s: its pods took up to 20 s to start, in 1 step.',
        'Each new pod asks for 30 GB and 4 CPUs.',
        'incbot does not take them away again.',
      ],
      parameters: { to: 13, before: 10, deadlineMs: 900_000, estimateMs: 20_000 },
    })
  })

  it('is the autoscaler’s minimum where one sets the size, and no generation that it would change', async () => {
    const plan = await planOf(scaleOut, aContext(aCluster({ autoscaler: { minReplicas: 2, maxReplicas: 20 } })), {
      to: 6,
    })
    expect(plan.target).not.toHaveProperty('generation')
    expect(plan.details[0]).toBe(
      'The autoscaler web-scaler sets its size: the least that it keeps goes from 2 to 6, at most 20 as before.',
    )
    expect(plan.parameters).toMatchObject({ to: 6, before: 3, autoscalerUid: 'autoscaler-1', minimum: 2 })
  })

  it.each([
    [{}, 4],
    [{ by: 2 }, 6],
    [{ by: 1.1 }, 4],
    [{ to: 7 }, 7],
    [{ to: 7, atMost: 5 }, 5],
    [{ by: 3, atMost: 5 }, 5],
  ])('is as many pods as %j says of three', async (parameters, to) => {
    expect((await planOf(scaleOut, aContext(aCluster()), parameters)).parameters.to).toBe(to)
  })

  it.each([
    [{ by: 1 }, false],
    [{ by: 0.5 }, false],
    [{ by: 11 }, false],
    [{ to: 0 }, false],
    [{ to: 2.5 }, false],
    [{ to: 12, more: 1 }, false],
    [{ by: 1.01 }, true],
  ])('never is fewer pods: %j', (parameters, good) => {
    expect(scaleOut.parameters.safeParse(parameters).success).toBe(good)
  })

  it('is no scaling at all where it is not known who sets the size', async () => {
    const cluster = aCluster()
    const observer = () => ({ ...cluster.observer, autoscaler: () => Promise.reject(new Error('no')) })
    await expect(planOf(scaleOut, aContext(cluster, { observer }))).rejects.toThrow('no')
  })
})

describe('every kind', () => {
  const kinds = [rollingRestart, orderedRestart, rollback, scaleOut].map((kind) => [kind.kind, kind] as const)
  const parametersOf = (kind: string) => (kind === 'rollback' ? { toRevision: 1 } : {})

  it.each(kinds)(
    '%s has a button and a dialog that Slack takes, whatever the workload is called',
    async (name, kind) => {
      const cluster = aCluster()
      const workload: Workload = { ...cluster.workload, namespace: 'n'.repeat(63), name: 'w'.repeat(253) }
      const context = aContext(cluster, { service: aService({ workloads: [workload] }) })
      const plan = await planOf(kind, context, parametersOf(name))
      expect(plan.button.length).toBeLessThanOrEqual(75)
      expect(plan.blastRadius?.length).toBeLessThanOrEqual(250)
    },
  )

  it.each(kinds)(
    '%s is planned for each workload of the service, or only for the one that is named',
    async (name, kind) => {
      const cluster = aCluster()
      const other: Workload = { ...cluster.workload, kind: 'StatefulSet', name: 'db' }
      const context = aContext(cluster, { service: aService({ workloads: [cluster.workload, other] }) })
      const planned = async (which: object) =>
        (await kind.plan(context, kind.parameters.parse({ ...parametersOf(name), ...which }))).map(
          ({ target }) => target.workload?.name,
        )
      expect(await planned({})).toEqual(['web', 'db'])
      expect(await planned({ only: 'db' })).toEqual(['db'])
      expect(await planned({ only: 'prod/ml/StatefulSet/db' })).toEqual(['db'])
      await expect(planned({ only: 'nobody' })).rejects.toMatchObject({
        effect: 'none',
        message: 'inference has no workload called nobody in incbot.yaml.',
      })
      const without = { ...context, service: aService({ workloads: [] }) }
      const none = kind.plan(without, kind.parameters.parse(parametersOf(name)))
      await expect(none).rejects.toMatchObject({
        effect: 'none',
        message: 'inference has no `workloads` in incbot.yaml.',
      })
    },
  )

  it.each(kinds)('%s changes nothing while it is planned', async (name, kind) => {
    const cluster = aCluster()
    await planOf(kind, aContext(cluster), parametersOf(name))
    expect([cluster.changes, cluster.evicted]).toEqual([[], []])
  })
})
