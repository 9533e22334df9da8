import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Workload, WorkloadKind } from '../../src/domain/service.ts'
import { orderedRestart } from '../../src/remediations/ordered-restart.ts'
import type { RemediationContext, RemediationKind } from '../../src/remediations/remediation.ts'
import { rollback } from '../../src/remediations/rollback.ts'
import { rollingRestart } from '../../src/remediations/rolling-restart.ts'
import { scaleOut } from '../../src/remediations/scale-out.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { aService } from '../builders.ts'
import { aWorkload, observerOf, removeKubeconfigs, writerOf } from '../kubernetes/accounts.ts'
import {
  ADMIN,
  aBudget,
  aDaemonSet,
  aDeployment,
  aNode,
  anAutoscaler,
  aStatefulSet,
  settled,
  startCluster,
  stopClusters,
} from '../sandbox/kubernetes/cluster.ts'
import { executed, planOf } from './play.ts'

const WEB = aWorkload('Deployment', 'web')
const DB = aWorkload('StatefulSet', 'db')

let cluster: KubernetesStandIn

beforeEach(async () => {
  cluster = await startCluster({ users: [ADMIN] })
  for (const name of ['node-a', 'node-b']) cluster.apply(aNode(name))
})
afterEach(async () => {
  removeKubeconfigs()
  await stopClusters()
})

/** The real client against a cluster that is a stand-in. */
function contextOf(workload: Workload): RemediationContext {
  const [writer, observer] = [writerOf(cluster), observerOf(cluster)]
  return {
    service: aService({ workloads: [workload] }),
    incidentId: 'pd-Q1',
    now: Date.now,
    writer: () => writer,
    observer: () => observer,
    measure: async () => undefined,
    history: async () => [],
    switchedOff: async () => undefined,
    freezes: { addFreeze: async (freeze) => freeze, activeFreezes: async () => [] },
    signal: AbortSignal.timeout(25_000),
  }
}

async function carriedOut(kind: RemediationKind, workload: Workload, parameters: object = {}) {
  const context = contextOf(workload)
  const plan = await planOf(kind, context, parameters)
  const bad = plan.preflight?.filter(({ verdict }) => verdict === 'failed' || verdict === 'unknown')
  const effect = await executed(kind, context, plan)
  return { context, plan, bad, effect, end: await kind.follow(context, plan, effect, () => undefined) }
}

/** Of the pods that stay: one that is on its way out may be there for a moment after its successor is ready. */
const uids = ({ name }: Workload) =>
  cluster
    .list('Pod', 'default')
    .filter(({ metadata }) => metadata.labels?.app === name && metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.uid)

describe('at an API server', () => {
  it.each<[WorkloadKind, string, RemediationKind, object]>([
    ['Deployment', 'web', rollingRestart, {}],
    ['StatefulSet', 'db', rollingRestart, {}],
    ['DaemonSet', 'agent', rollingRestart, {}],
    ['Deployment', 'web', orderedRestart, { settle: '1s' }],
    ['DaemonSet', 'agent', orderedRestart, { settle: '1s' }],
  ])('a %s is restarted to its end: %s', async (kind, name, remediation, parameters) => {
    const make = { Deployment: aDeployment, StatefulSet: aStatefulSet, DaemonSet: aDaemonSet }[kind]
    cluster.apply(make(name, kind === 'StatefulSet' ? { serviceName: name } : {}))
    await settled(cluster, kind, name)
    const workload = aWorkload(kind, name)
    const before = uids(workload)
    const { bad, end } = await carriedOut(remediation, workload, parameters)
    expect([bad, end]).toEqual([[], expect.objectContaining({ result: 'succeeded' })])
    expect(uids(workload)).toHaveLength(before.length)
    expect(uids(workload).filter((uid) => before.includes(uid))).toEqual([])
  })

  it('what waits for deletion by hand is offered, and restarted, one by one', async () => {
    cluster.apply(aStatefulSet('db', { replicas: 2, serviceName: 'db', updateStrategy: { type: 'OnDelete' } }))
    await settled(cluster, 'StatefulSet', 'db')
    const before = uids(DB)
    const { instead, preflight } = await planOf(rollingRestart, contextOf(DB))
    expect(preflight).toContainEqual(expect.objectContaining({ what: 'held back', verdict: 'failed' }))
    expect(instead?.kind).toBe('ordered-restart')
    const { end } = await carriedOut(orderedRestart, DB, { settle: '1s' })
    expect(end).toMatchObject({ result: 'succeeded' })
    expect(uids(DB).filter((uid) => before.includes(uid))).toEqual([])
  })

  it('a budget is obeyed, and a node too full for a surge pod is seen', async () => {
    cluster.apply(aDeployment('web', { memory: '6Gi', replicas: 4 }))
    cluster.apply(aBudget('web', { minAvailable: 4 }))
    await settled(cluster, 'Deployment', 'web')
    const context = contextOf(WEB)
    const { preflight = [] } = await planOf(orderedRestart, context)
    expect(preflight).toContainEqual(
      expect.objectContaining({ what: 'disruption budgets', verdict: 'failed', overridable: false }),
    )
    const rolling = await planOf(rollingRestart, context)
    expect(rolling.preflight?.find(({ what }) => what === 'room on the nodes')?.text).toContain(
      'left of its allocatable',
    )
    expect(rolling.instead?.kind).toBe('ordered-restart')
  })

  it('a restart that was halted goes back to the revision before', async () => {
    cluster.apply(aDeployment('web'))
    await settled(cluster, 'Deployment', 'web')
    const before = uids(WEB)
    const context = contextOf(WEB)
    const plan = await planOf(rollingRestart, context)
    const effect = await executed(rollingRestart, context, plan)
    const { outcome, offers } = await rollingRestart.halt(context, plan, effect, 'errors rise')
    expect(outcome.text).toContain('is paused')
    const [offer] = offers
    const [back] = await rollback.plan(context, offer?.parameters)
    if (back === undefined) throw new Error('It is offered.')
    expect(back.preflight?.filter(({ verdict }) => verdict === 'failed' || verdict === 'unknown')).toEqual([])
    const gone = await executed(rollback, context, back)
    const end = await rollback.follow(context, back, gone, () => undefined)
    expect(end).toMatchObject({ result: 'succeeded' })
    expect(uids(WEB)).toHaveLength(before.length)
    expect(cluster.get('Deployment', 'default', 'web')).not.toMatchObject({ spec: { paused: true } })
  })

  it.each([
    ['by its replicas', false],
    ['by its autoscaler', true],
  ])('a surge gets its pods %s', async (_, autoscaled) => {
    cluster.apply(aDeployment('web'))
    if (autoscaled) cluster.apply(anAutoscaler('web', { min: 2 }))
    await settled(cluster, 'Deployment', 'web')
    const { bad, plan, end } = await carriedOut(scaleOut, WEB, { to: 5 })
    expect([bad, end]).toEqual([[], expect.objectContaining({ result: 'succeeded' })])
    expect(plan.parameters.autoscalerUid !== undefined).toBe(autoscaled)
    expect(uids(WEB)).toHaveLength(5)
  })
})
