import { describe, expect, it } from '@jest/globals'
import type { Freeze } from '../../src/domain/freeze.ts'
import type { Preflight } from '../../src/domain/remediation.ts'
import type { ClusterObserver, ClusterWriter } from '../../src/remediations/cluster.ts'
import { orderedRestart } from '../../src/remediations/ordered-restart.ts'
import type { RemediationKind } from '../../src/remediations/remediation.ts'
import { rollback } from '../../src/remediations/rollback.ts'
import { rollingRestart } from '../../src/remediations/rolling-restart.ts'
import { scaleOut } from '../../src/remediations/scale-out.ts'
import { NOW } from '../builders.ts'
import { type ACluster, aCluster } from './a-cluster/index.ts'
import type { AClusterOptions } from './a-cluster/state.ts'
import { aContext, aFreeze, aMeter, looked, planOf } from './play.ts'

type Verdict = Preflight['verdict'] | 'closed' | undefined
/** `closed`: failed, and breaking the glass would not help. */
const verdictOf = (one: Preflight | undefined): Verdict =>
  one?.verdict === 'failed' && one.overridable === false ? 'closed' : one?.verdict

interface Case {
  readonly kind: RemediationKind
  readonly options?: AClusterOptions
  readonly change?: (cluster: ACluster) => void
  readonly parameters?: object
  readonly freeze?: Partial<Freeze>
}

async function preflightOf({ kind, options, change, parameters, freeze }: Case, what: string) {
  const cluster = aCluster(options)
  change?.(cluster)
  const freezes = freeze === undefined ? [] : [aFreeze(freeze)]
  const context = aContext(cluster, {
    now: () => NOW,
    freezes: { addFreeze: async (one) => one, activeFreezes: async () => freezes },
  })
  return looked(await planOf(kind, context, parameters), what)
}

const rolling = (change?: (cluster: ACluster) => void, options?: AClusterOptions): Case => ({
  kind: rollingRestart,
  ...(change && { change }),
  ...(options && { options }),
})
const ordered = (change?: (cluster: ACluster) => void, options?: AClusterOptions): Case => ({
  ...rolling(change, options),
  kind: orderedRestart,
})

describe('before the offer it is looked at', () => {
  it.each<[string, string, Case, Verdict, string]>([
    ['permissions', 'permission', rolling(), 'passed', "incbot's account may do this in ml on prod."],
    [
      'a permission that is missing',
      'permission',
      rolling((cluster) => cluster.deny('patch', 'deployments')),
      'closed',
      "incbot's account may not patch deployments.apps web in ml on prod.",
    ],
    [
      'several that are missing',
      'permission',
      ordered((cluster) => {
        cluster.deny('create', 'pods/eviction')
        cluster.deny('list', 'pods')
      }),
      'closed',
      "incbot's account may not create pods/eviction, nor list pods in ml on prod.",
    ],
    ['a dry run', 'dry run', rolling(), 'passed', 'The API server would take it.'],
    [
      'a dry run that is refused',
      'dry run',
      rolling((cluster) => cluster.refuseDryRuns('admission webhook "quota" denied the request')),
      'closed',
      'The API server would refuse it: admission webhook "quota" denied the request',
    ],
    [
      'a dry run with a warning',
      'dry run',
      rolling((cluster) => cluster.warn('would violate PodSecurity')),
      'caution',
      'The API server would take it and warn: would violate PodSecurity',
    ],
    ['that it is not paused', 'paused', rolling(), 'passed', 'It is not paused.'],
    [
      'that it is paused',
      'paused',
      rolling((cluster) => cluster.pauseByHand()),
      'closed',
      'Deployment ml/web is paused, so a restart would not start.',
    ],
    ['that a Deployment keeps no pods back by nature', 'held back', rolling(), undefined, ''],
    [
      'that it keeps no pods back',
      'held back',
      rolling(undefined, { kind: 'StatefulSet' }),
      'passed',
      'It keeps no pods back.',
    ],
    [
      'that it waits for deletion by hand',
      'held back',
      rolling(undefined, { kind: 'DaemonSet', heldBack: 'on-delete' }),
      'closed',
      'DaemonSet ml/web replaces pods only when they are deleted by hand (OnDelete), so a rolling restart would do nothing.',
    ],
    [
      'that a partition keeps pods back',
      'held back',
      rolling(undefined, { kind: 'StatefulSet', heldBack: 'partition' }),
      'closed',
      'StatefulSet ml/web keeps pods back with a partition, so a rolling restart would leave some as they are.',
    ],
    [
      'that there are no pods',
      'pods',
      rolling(undefined, { replicas: 0 }),
      'closed',
      'Deployment ml/web is scaled to no pods, so there is nothing to restart.',
    ],
    ['that no rollout is running', 'rollout', rolling(), 'passed', 'No rollout is running.'],
    [
      'that a rollout is running',
      'rollout',
      rolling((cluster) => {
        cluster.deploy()
        cluster.tick()
      }),
      'failed',
      'A rollout of Deployment ml/web is running already: 1 of 3 pods are of the newest version.',
    ],
    [
      'that a rollout is about to begin',
      'rollout',
      ordered((cluster) => cluster.deploy()),
      'failed',
      'A rollout of Deployment ml/web is running already: 0 of 3 pods are of the newest version.',
    ],
    [
      'that a pod is not available, which is no rollout',
      'rollout',
      rolling((cluster) => cluster.breakPod('web-1', 'OOMKilled')),
      'caution',
      '2 of 3 pods are available now.',
    ],
    [
      'that old pods of what is held back are no rollout',
      'rollout',
      ordered(
        (cluster) => {
          cluster.deploy()
          cluster.tick()
        },
        { kind: 'StatefulSet', heldBack: 'on-delete' },
      ),
      'passed',
      'No rollout is running; pods of a version before are kept back.',
    ],
    ['that there is no budget', 'disruption budgets', rolling(), 'passed', 'No disruption budget selects its pods.'],
    [
      'that the budget has something to spare',
      'disruption budgets',
      ordered(undefined, { minAvailable: 2 }),
      'passed',
      'The disruption budget web-budget allows 1 now.',
    ],
    [
      'that a rollout does not ask a budget that has nothing to spare',
      'disruption budgets',
      rolling(undefined, { minAvailable: 3 }),
      'caution',
      'The disruption budget web-budget has nothing to spare: 3 pods are healthy and 3 are needed. A rolling restart does not ask disruption budgets, so it would go on all the same.',
    ],
    [
      'that every eviction would be refused',
      'disruption budgets',
      ordered(undefined, { minAvailable: 3 }),
      'closed',
      'The disruption budget web-budget has nothing to spare: 3 pods are healthy and 3 are needed. Every eviction would be refused.',
    ],
    ['that the surge pod fits', 'room on the nodes', rolling(), 'passed', '1 surge pod would fit.'],
    [
      'that the surge pod fits nowhere',
      'room on the nodes',
      rolling(undefined, { slots: 3 }),
      'failed',
      'A surge pod needs 30 GB and 4 CPUs; the roomiest node, node-a, has 12 GB and 1.5 CPUs left of its allocatable. No old pod goes before a new one is ready, so the rollout would stand still.',
    ],
    [
      'that the surge pod waits for the room of an old one',
      'room on the nodes',
      rolling(undefined, { slots: 3, maxUnavailable: 1 }),
      'caution',
      'A surge pod needs 30 GB and 4 CPUs; the roomiest node, node-a, has 12 GB and 1.5 CPUs left of its allocatable. New pods wait until an old one has gone and left its room.',
    ],
    [
      'that only some surge pods fit',
      'room on the nodes',
      rolling(undefined, { replicas: 8, maxSurge: 2, slots: 9 }),
      'caution',
      '1 of 2 surge pods would fit, so it goes on with fewer at a time. A surge pod needs 30 GB and 4 CPUs; the roomiest node, node-a, has 12 GB and 1.5 CPUs left of its allocatable.',
    ],
    [
      'that pods which keep away from each other are on every node',
      'room on the nodes',
      rolling((cluster) => cluster.setRoom({ fits: 0, crowded: 2, roomiest: undefined })),
      'failed',
      'A surge pod needs 30 GB and 4 CPUs; every node that takes such pods has one near it that they must keep away from (anti-affinity). No old pod goes before a new one is ready, so the rollout would stand still.',
    ],
    [
      'that no node takes such pods',
      'room on the nodes',
      rolling((cluster) => cluster.setRoom({ candidates: 0, fits: 0, roomiest: undefined })),
      'closed',
      'No node takes new pods of Deployment ml/web now: none matches its node selector and taints, or all are cordoned.',
    ],
    [
      'that nothing needs room beside it',
      'room on the nodes',
      rolling(undefined, { slots: 3, maxSurge: 0, maxUnavailable: 1 }),
      'passed',
      'Each new pod takes the place of an old one, so it needs no room beside it.',
    ],
    [
      'that a StatefulSet needs no room beside it',
      'room on the nodes',
      rolling(undefined, { kind: 'StatefulSet', slots: 3 }),
      'passed',
      'Each new pod takes the place of an old one, so it needs no room beside it.',
    ],
    [
      'that the successor of an evicted pod has a place',
      'room on the nodes',
      ordered(undefined, { slots: 3 }),
      'passed',
      'A new pod takes the room that the evicted one leaves.',
    ],
    [
      'that the successor of an evicted pod has none',
      'room on the nodes',
      ordered((cluster) => cluster.setRoom({ candidates: 0 })),
      'closed',
      'No node takes new pods of Deployment ml/web now: none matches its node selector and taints, or all are cordoned.',
    ],
    ['that DaemonSets ask no node', 'room on the nodes', ordered(undefined, { kind: 'DaemonSet' }), undefined, ''],
    ['that all pods are ready', 'ready pods', ordered(), 'passed', 'All of its pods are ready.'],
    [
      'that one pod is not ready',
      'ready pods',
      ordered((cluster) => cluster.breakPod('web-1')),
      'caution',
      'web-1 is not ready and goes first.',
    ],
    [
      'that two pods are not ready',
      'ready pods',
      ordered((cluster) => {
        cluster.breakPod('web-1')
        cluster.breakPod('web-2')
      }),
      'closed',
      '2 pods of Deployment ml/web are not ready (web-1, web-2), and one goes only while all others are.',
    ],
    [
      'that pods are stopping',
      'ready pods',
      ordered((cluster) => cluster.evict('web-1')),
      'caution',
      'It waits for web-1, which is stopping.',
    ],
    [
      'that there is a single pod',
      'outage',
      ordered(undefined, { replicas: 1 }),
      'caution',
      'It has a single pod: nobody serves between its end and the next one being ready.',
    ],
    [
      'that the pod to go first is there',
      'first pod',
      { ...ordered(), parameters: { first: 'web-1' } },
      'passed',
      'web-1 goes first.',
    ],
    [
      'that the pod to go first is not there',
      'first pod',
      { ...ordered(), parameters: { first: 'web-9' } },
      'caution',
      'Deployment ml/web has no pod web-9; they go by name.',
    ],
    ['that no freeze holds', 'freeze', rolling(), 'passed', 'No freeze of its workloads holds.'],
    [
      'that somebody else froze it',
      'freeze',
      { ...rolling(), freeze: {} },
      'failed',
      'inference is frozen until 05:42 UTC by ben: Release week',
    ],
    [
      'that somebody else froze everything',
      'freeze',
      { ...ordered(), freeze: { scope: 'all' } },
      'failed',
      'inference is frozen until 05:42 UTC by ben: Release week',
    ],
    [
      'that models are frozen, which is not this',
      'freeze',
      { ...rolling(), freeze: { scope: 'model' } },
      'passed',
      'No freeze of its workloads holds.',
    ],
    [
      "that the freeze is incbot's own, of the same incident",
      'freeze',
      { ...rolling(), freeze: { incidentId: 'pd-Q1' } },
      'passed',
      "incbot's own freeze, which does not stop this, holds until 05:42 UTC.",
    ],
    ['that scaling asks no freeze', 'freeze', { kind: scaleOut, freeze: {} }, undefined, ''],
    [
      'that somebody else’s freeze stands before going back',
      'freeze',
      { kind: rollback, parameters: { toRevision: 1 }, freeze: {} },
      'failed',
      'inference is frozen until 05:42 UTC by ben: Release week',
    ],
    [
      'that a revision is there to go back to',
      'revision',
      { kind: rollback, parameters: { toRevision: 1 }, change: (cluster) => cluster.deploy() },
      'passed',
      'Revision 1 is there.',
    ],
    [
      'that it is not',
      'revision',
      { kind: rollback, parameters: { toRevision: 7 } },
      'closed',
      'Deployment ml/web has no earlier revision 7.',
    ],
    [
      'that only Deployments go back',
      'revision',
      { kind: rollback, parameters: { toRevision: 1 }, options: { kind: 'StatefulSet' } },
      'closed',
      'StatefulSet ml/web is no Deployment, and incbot goes back only with those.',
    ],
    [
      'that DaemonSets have no size',
      'kind',
      { kind: scaleOut, options: { kind: 'DaemonSet' } },
      'closed',
      'DaemonSet ml/web has one pod on each node, so it has no size to set.',
    ],
    ['how many more it would be', 'size', { kind: scaleOut, options: { replicas: 10 } }, 'passed', '3 more pods.'],
    [
      'that it would be no more',
      'size',
      { kind: scaleOut, parameters: { to: 3 } },
      'closed',
      'Deployment ml/web has 3 pods already, and 3 would be no more.',
    ],
    [
      'that it would be fewer',
      'size',
      { kind: scaleOut, parameters: { by: 2, atMost: 2 } },
      'closed',
      'Deployment ml/web has 3 pods already, and 2 would be no more.',
    ],
    ['that no autoscaler sets the size', 'autoscaler', { kind: scaleOut }, 'passed', 'No autoscaler sets its size.'],
    [
      'that the autoscaler allows it',
      'autoscaler',
      { kind: scaleOut, options: { autoscaler: { maxReplicas: 4 } } },
      'passed',
      'The autoscaler web-scaler allows up to 4.',
    ],
    [
      'that the autoscaler does not allow it',
      'autoscaler',
      { kind: scaleOut, options: { autoscaler: { maxReplicas: 3 } } },
      'closed',
      'The autoscaler web-scaler of Deployment ml/web allows at most 3 pods, and 4 are wanted.',
    ],
    ['that the pods to add fit', 'room on the nodes', { kind: scaleOut }, 'passed', '1 more pod would fit.'],
    [
      'that only some of them fit',
      'room on the nodes',
      { kind: scaleOut, options: { slots: 5 }, parameters: { to: 6 } },
      'caution',
      '2 of 3 more pods would fit; the others would wait. A pod needs 30 GB and 4 CPUs; the roomiest node, node-a, has 12 GB and 1.5 CPUs left of its allocatable.',
    ],
    [
      'that none of them fits',
      'room on the nodes',
      { kind: scaleOut, options: { slots: 3 }, parameters: { to: 6 } },
      'failed',
      'None of 3 more pods would fit. A pod needs 30 GB and 4 CPUs; the roomiest node, node-a, has 12 GB and 1.5 CPUs left of its allocatable.',
    ],
    [
      'that none of them fits, where nodes may come',
      'room on the nodes',
      { kind: scaleOut, options: { slots: 3 }, parameters: { to: 6, nodesMayCome: true } },
      'caution',
      'None of 3 more pods would fit. A pod needs 30 GB and 4 CPUs; the roomiest node, node-a, has 12 GB and 1.5 CPUs left of its allocatable.',
    ],
    [
      'that a rollout is running, before scaling',
      'rollout',
      { kind: scaleOut, change: (cluster) => cluster.deploy() },
      'failed',
      'A rollout of Deployment ml/web is running already: 0 of 3 pods are of the newest version.',
    ],
    [
      'that scaling minds no pause',
      'paused',
      { kind: scaleOut, change: (cluster) => cluster.pauseByHand() },
      undefined,
      '',
    ],
    [
      'that the account may not scale',
      'permission',
      { kind: scaleOut, change: (cluster) => cluster.deny('patch', 'deployments/scale') },
      'closed',
      "incbot's account may not patch deployments/scale.apps web in ml on prod.",
    ],
    [
      'that the account may not set the autoscaler',
      'permission',
      {
        kind: scaleOut,
        options: { autoscaler: {} },
        change: (cluster) => cluster.deny('patch', 'horizontalpodautoscalers'),
      },
      'closed',
      "incbot's account may not patch horizontalpodautoscalers.autoscaling web-scaler in ml on prod.",
    ],
  ])('for %s', async (_, what, one, verdict, text) => {
    const found = await preflightOf(one, what)
    expect([verdictOf(found), found?.text ?? '']).toEqual([verdict, text])
    // Whoever is stopped is told what would help.
    expect(found?.verdict === 'failed' ? found.fix : 'x').toMatch(/\S/)
  })

  it('whether several budgets select the same pods, which Kubernetes evicts from never', async () => {
    const cluster = aCluster({ minAvailable: 1 })
    const [budget] = await cluster.observer.budgets(cluster.workload, AbortSignal.timeout(1_000))
    if (budget === undefined) throw new Error('There is a budget.')
    const observer: ClusterObserver = {
      ...cluster.observer,
      budgets: async () => [budget, { ...budget, name: 'other' }],
    }
    const plan = await planOf(orderedRestart, aContext(cluster, { observer: () => observer }))
    expect(looked(plan, 'disruption budgets')).toMatchObject({ verdict: 'failed', overridable: false })
  })

  it.each<[string, number | undefined, Verdict, string]>([
    ['below', 0.01, 'passed', 'What would stop it is below its bounds now.'],
    [
      'above',
      0.2,
      'caution',
      '`errors` is 0.2 already, above its bound of 0.05: this would be stopped after its first pod.',
    ],
    ['nothing', undefined, 'caution', '`errors` gives nothing, so it would stop nothing.'],
  ])('whether a query that stops it is %s now', async (_, value, verdict, text) => {
    const context = aContext(aCluster(), value === undefined ? { measure: async () => undefined } : aMeter([value]))
    const plan = await planOf(rollingRestart, context, { haltWhen: [{ query: 'errors', above: 0.05 }] })
    expect(looked(plan, 'halt when')).toEqual({ what: 'halt when', verdict, text })
  })
})

describe('what is not answered', () => {
  const never = (): Promise<never> => new Promise(() => undefined)
  const hanging = (cluster: ACluster): ACluster => {
    const writer: ClusterWriter = { ...cluster.writer, missingPermissions: never, tryRestart: never, rollout: never }
    const observer: ClusterObserver = { pods: never, budgets: never, room: never, autoscaler: never }
    return { ...cluster, pods: cluster.pods, writer, observer }
  }

  it('is unknown, with its reason, and the rest is shown', async () => {
    const cluster = hanging(aCluster())
    const plan = await planOf(rollingRestart, aContext(cluster, { signal: AbortSignal.timeout(50), history: never }))
    const unknown = plan.preflight?.filter(({ verdict }) => verdict === 'unknown')
    expect(unknown?.map(({ what }) => what)).toEqual([
      'permission',
      'dry run',
      'disruption budgets',
      'room on the nodes',
    ])
    expect(new Set(unknown?.map(({ text }) => text))).toEqual(
      new Set(['This could not be found out: there was no answer in time.']),
    )
    expect(plan.details).toContain('How long it takes is not known: there was no answer in time.')
    expect(plan.instead).toBeUndefined()
  })

  it('does not hold up who plans for longer than four seconds', async () => {
    const began = Date.now()
    const plan = await planOf(orderedRestart, aContext(hanging(aCluster())))
    expect(plan.preflight?.some(({ verdict }) => verdict === 'unknown')).toBe(true)
    expect(Date.now() - began).toBeLessThan(4_900)
  })

  it('carries what the cluster said', async () => {
    const cluster = aCluster()
    const writer: ClusterWriter = {
      ...cluster.writer,
      missingPermissions: () => {
        throw new Error('no such thing')
      },
      tryRestart: () =>
        cluster.writer.evict('ml', { name: 'web-0', uid: 'x' }, AbortSignal.timeout(1)).then(() => never()),
    }
    const context = aContext(cluster, {
      writer: () => writer,
      observer: () => {
        throw new Error('no cluster called prod')
      },
      signal: AbortSignal.timeout(50),
    })
    const plan = await planOf(rollingRestart, context)
    expect(looked(plan, 'permission')?.text).toBe(
      'This could not be found out: the question itself failed (no such thing).',
    )
    expect(looked(plan, 'room on the nodes')).toMatchObject({ verdict: 'unknown' })
  })

  it('is a plan that cannot be made where the workload itself does not answer', async () => {
    const cluster = aCluster()
    const writer: ClusterWriter = { ...cluster.writer, target: never }
    const context = aContext(cluster, { writer: () => writer, signal: AbortSignal.timeout(50) })
    await expect(planOf(rollingRestart, context)).rejects.toMatchObject({
      effect: 'none',
      message: 'Cluster prod did not answer in time.',
    })
  })
})
