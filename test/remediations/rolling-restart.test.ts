import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Plan, Progress } from '../../src/domain/remediation.ts'
import type { Workload, WorkloadKind } from '../../src/domain/service.ts'
import type { ClusterWriter, RemediationContext } from '../../src/remediations/remediation.ts'
import { RemediationError } from '../../src/remediations/remediation.ts'
import { rollingRestart } from '../../src/remediations/rolling-restart.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { aService, NOW } from '../builders.ts'
import { aWorkload, lookerWithout, removeKubeconfigs, writerOf } from '../kubernetes/accounts.ts'
import {
  ADMIN,
  aDaemonSet,
  aDeployment,
  aNode,
  aStatefulSet,
  call,
  restartPatch,
  STRATEGIC,
  see,
  settled,
  startCluster,
  stopClusters,
  until,
} from '../sandbox/kubernetes/cluster.ts'

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
const STAMP = new Date(NOW).toISOString()
const execution = { id: 'r-1', by: 'U0ANA', approvedAt: NOW, reason: 'memory' }

let cluster: KubernetesStandIn
beforeEach(async () => {
  cluster = await startCluster({ users: [ADMIN, lookerWithout('looker', [])] })
  for (const name of ['node-a', 'node-b']) cluster.apply(aNode(name))
  cluster.apply(aDeployment('web'))
  cluster.apply(aStatefulSet('db', { serviceName: 'db' }))
  cluster.apply(aDaemonSet('agent'))
  await Promise.all([settled(cluster, 'Deployment', 'web'), settled(cluster, 'StatefulSet', 'db')])
  await settled(cluster, 'DaemonSet', 'agent')
})
afterEach(async () => {
  removeKubeconfigs()
  await stopClusters()
})

interface Setting {
  readonly writer?: ClusterWriter
  readonly signal?: AbortSignal
  readonly now?: () => number
}

function contextOf(workloads: readonly Workload[], setting: Setting = {}): RemediationContext {
  const writer = setting.writer ?? writerOf(cluster, 'admin', 1_500)
  return {
    service: aService({ workloads }),
    incidentId: 'pd-Q1',
    now: setting.now ?? Date.now,
    writer: () => writer,
    freezes: { addFreeze: async (freeze) => freeze, activeFreezes: async () => [] },
    signal: setting.signal ?? AbortSignal.timeout(20_000),
  }
}

async function planOf(context: RemediationContext): Promise<Plan> {
  const [plan] = await rollingRestart.plan(context, rollingRestart.parameters.parse({}))
  if (plan === undefined) throw new Error('Every workload has a plan.')
  return plan
}

const restart = (context: RemediationContext, plan: Plan) => rollingRestart.execute(context, plan, execution)
const generationOf = (kind: string, name: string) => cluster.get(kind, 'default', name)?.metadata.generation
const patches = () => cluster.requests.filter(({ method }) => method === 'PATCH').length
const kinds: [WorkloadKind, string][] = [
  ['Deployment', 'web'],
  ['StatefulSet', 'db'],
  ['DaemonSet', 'agent'],
]
const web = aWorkload('Deployment', 'web')

describe('a rolling restart', () => {
  it.each(kinds)('of a %s replaces every pod and is followed to its end', async (kind, name) => {
    const context = contextOf([aWorkload(kind, name)])
    const plan = await planOf(context)
    const pods = () => cluster.list('Pod', 'default').filter((pod) => pod.metadata.labels?.app === name)
    const before = new Set(pods().map((pod) => pod.metadata.uid))
    const result = await restart(context, plan)
    expect(result).toEqual({ effect: { generation: 2, startedAt: expect.any(Number) } })
    const seen: Progress[] = []
    const effect = 'effect' in result ? result.effect : {}
    const outcome = await rollingRestart.follow(context, plan, effect, (progress) => seen.push(progress))
    expect(outcome).toMatchObject({ result: 'succeeded' })
    const count = before.size
    expect(outcome.text).toMatch(new RegExp(`^${count} of ${count} pods are new and ready after \\d+ s\\.$`))
    expect(seen[0]?.done).toBeLessThan(count)
    expect(pods().filter((pod) => before.has(pod.metadata.uid))).toEqual([])
  })

  it.each(kinds)('of a %s has one effect when it is carried out twice', async (kind, name) => {
    const context = contextOf([aWorkload(kind, name)])
    const plan = await planOf(context)
    await restart(context, plan)
    // As a second executor that thinks the first is dead would, with a plan that is still current.
    const again = { ...plan, target: { ...plan.target, generation: 2 } }
    expect(await restart(context, again)).toMatchObject({ effect: { generation: 2 } })
    expect(generationOf(kind, name)).toBe(2)
  })

  it.each<[string, string, WorkloadKind, string]>([
    ['surge 25%, unavailable 25%', '3 pods', 'Deployment', 'web'],
    ['one at a time, highest ordinal first', '3 pods', 'StatefulSet', 'db'],
    ['node by node, unavailable 1', '2 pods', 'DaemonSet', 'agent'],
  ])('is planned with its strategy, "%s", and %s', async (strategy, pods, kind, name) => {
    const plan = await planOf(contextOf([aWorkload(kind, name)]))
    expect(plan).toMatchObject({
      button: `Restart ${name}`,
      summary: `Rolling restart of ${kind} default/${name} on prod: ${pods}, ${strategy}`,
      target: { service: 'inference', generation: 1, uid: cluster.get(kind, 'default', name)?.metadata.uid },
      parameters: { deadlineMs: 900_000 },
    })
    expect(plan.blocked).toBeUndefined()
    expect(patches()).toBe(0)
  })

  it.each<[string, () => unknown, Workload, string]>([
    ['is paused', () => cluster.apply(aDeployment('web', { paused: true })), web, 'is paused'],
    ['has no pods', () => cluster.apply(aDeployment('web', { replicas: 0 })), web, 'scaled to no pods'],
    [
      'waits for deletion by hand',
      () => cluster.apply(aStatefulSet('db', { serviceName: 'db', updateStrategy: { type: 'OnDelete' } })),
      aWorkload('StatefulSet', 'db'),
      'OnDelete',
    ],
    [
      'waits for deletion by hand, on every node',
      () => cluster.apply(aDaemonSet('agent', { updateStrategy: { type: 'OnDelete' } })),
      aWorkload('DaemonSet', 'agent'),
      'OnDelete',
    ],
    [
      'keeps pods back',
      () =>
        cluster.apply(
          aStatefulSet('db', {
            serviceName: 'db',
            updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
          }),
        ),
      aWorkload('StatefulSet', 'db'),
      'Set the partition to 0 first',
    ],
  ])('is not offered for a workload that %s', async (_, change, workload, reason) => {
    change()
    expect((await planOf(contextOf([workload]))).blocked).toContain(reason)
  })

  it('is planned for each workload of the service, and for none without', async () => {
    const context = contextOf(kinds.map(([kind, name]) => aWorkload(kind, name)))
    const plans = await rollingRestart.plan(context, { deadline: 1 })
    expect(plans.map(({ button }) => button)).toEqual(['Restart web', 'Restart db', 'Restart agent'])
    await expect(rollingRestart.plan(contextOf([]), { deadline: 1 })).rejects.toMatchObject({ effect: 'none' })
  })

  it('has a button that Slack takes, whatever the workload is called', async () => {
    const writer = writerOf(cluster)
    const named: ClusterWriter = { ...writer, target: (_, signal) => writer.target(web, signal) }
    const workload = aWorkload('Deployment', 'w'.repeat(90))
    expect((await planOf(contextOf([workload], { writer: named }))).button).toHaveLength(75)
  })
})

describe('a rolling restart that meets others', () => {
  it('is void once somebody changed the workload', async () => {
    const context = contextOf([web])
    const plan = await planOf(context)
    cluster.apply(aDeployment('web', { replicas: 4 }))
    expect(await restart(context, plan)).toEqual({
      void: 'Deployment default/web was changed by somebody since this was offered (generation 1 → 2); nothing was restarted. Ask for a fresh diagnosis.',
    })
    expect(patches()).toBe(0)
  })

  it('is void once the workload was made anew', async () => {
    const context = contextOf([web])
    const plan = await planOf(context)
    cluster.remove('Deployment', 'default', 'web')
    cluster.apply(aDeployment('web'))
    expect(await restart(context, plan)).toMatchObject({ void: expect.stringContaining('deleted and made anew') })
  })

  it('loses a race against a status update and tries again under the same claim', async () => {
    cluster.failNext({ method: 'PATCH' }, { status: 409, reason: 'Conflict' }, 3)
    const context = contextOf([web])
    expect(await restart(context, await planOf(context))).toMatchObject({ effect: { generation: 2 } })
    expect(patches()).toBe(4)
  })

  it('gives up after eight lost races, with nothing changed', async () => {
    cluster.failNext({ method: 'PATCH' }, { status: 409, reason: 'Conflict' }, 20)
    const context = contextOf([web])
    const failure = await restart(context, await planOf(context)).catch((error: unknown) => error)
    expect(failure).toMatchObject({ effect: 'none', message: expect.stringContaining('8 races') })
    expect(generationOf('Deployment', 'web')).toBe(1)
  })

  it('is fenced by the version that it read', async () => {
    const writer = writerOf(cluster)
    const { resourceVersion } = await writer.target(web, AbortSignal.timeout(3_000))
    await call(cluster, 'PATCH', '/apis/apps/v1/namespaces/default/deployments/web', {
      body: { metadata: { labels: { touched: 'yes' } } },
      type: STRATEGIC,
    })
    expect(await writer.restart(web, STAMP, resourceVersion, AbortSignal.timeout(3_000))).toEqual({
      result: 'conflict',
    })
    expect(generationOf('Deployment', 'web')).toBe(1)
  })
})

describe('a rolling restart whose answer does not come', () => {
  const failureOf = (result: Promise<unknown>) =>
    result.then(
      () => undefined,
      (error: unknown) => error,
    )

  it.each<[string, Parameters<KubernetesStandIn['failNext']>[1], 'none' | 'unknown', number]>([
    ['was lost after it was done', 'answer-lost', 'unknown', 2],
    ['was cut off before it was done', 'reset', 'unknown', 1],
    ['never comes', 'hang', 'unknown', 1],
    ['is an error of the server', { status: 500 }, 'unknown', 1],
    ['is a time-out of the server', { status: 504, reason: 'Timeout' }, 'unknown', 1],
    ['is a refusal', { status: 403, reason: 'Forbidden' }, 'none', 1],
    ['is a refusal by a policy', { status: 422, reason: 'Invalid', message: 'frozen' }, 'none', 1],
    ['asks for patience', { status: 429, reason: 'TooManyRequests' }, 'none', 1],
  ])('because it %s', async (_, fault, effect, generation) => {
    const context = contextOf([web], { writer: writerOf(cluster, 'admin', 400) })
    const plan = await planOf(context)
    cluster.failNext({ method: 'PATCH' }, fault)
    const failure = await failureOf(restart(context, plan))
    expect(failure).toBeInstanceOf(RemediationError)
    expect(failure).toMatchObject({ effect, message: expect.stringMatching(/^Cluster prod, restart of .+\.$/) })
    expect(generationOf('Deployment', 'web')).toBe(generation)
    expect(patches()).toBe(1)
  })

  it.each<[string, Parameters<KubernetesStandIn['failNext']>[1], string]>([
    ['did start', 'answer-lost', 'carries the mark of this restart, so it did start.'],
    ['did not start', 'reset', 'does not carry the mark of this restart, so it probably did not start.'],
  ])('can be looked at: it %s', async (_, fault, sentence) => {
    const context = contextOf([web])
    const plan = await planOf(context)
    cluster.failNext({ method: 'PATCH' }, fault)
    await failureOf(restart(context, plan))
    expect(await rollingRestart.inspect(context, plan, execution)).toBe(
      `What can be seen: Deployment default/web ${sentence}`,
    )
  })

  it('because the account may not do it: the reason is named and nothing changed', async () => {
    const context = contextOf([web], { writer: writerOf(cluster, 'looker') })
    const failure = await failureOf(restart(context, await planOf(context)))
    expect(failure).toMatchObject({ effect: 'none', message: expect.stringContaining('cannot patch resource') })
  })

  it('because nobody is there: nothing changed', async () => {
    const context = contextOf([web])
    const plan = await planOf(context)
    const writer = writerOf(cluster)
    const state = await writer.target(web, AbortSignal.timeout(3_000))
    await stopClusters()
    const blind: ClusterWriter = { ...writer, target: async () => state }
    const failure = await failureOf(restart({ ...context, writer: () => blind }, plan))
    expect(failure).toMatchObject({ effect: 'none' })
  })
})

describe('following a restart', () => {
  /** Containers that die as soon as they run. */
  const crash = () =>
    cluster.onPodRunning((pod) => {
      if (pod.metadata.annotations?.[RESTARTED_AT] === undefined) return
      setTimeout(() => {
        if (cluster.get('Pod', 'default', pod.metadata.name) !== undefined)
          cluster.killPod('default', pod.metadata.name, { reason: 'Error', exitCode: 1 })
      }, 1)
    })

  it('says which pods it waits for when the new ones keep crashing', async () => {
    crash()
    const context = contextOf([aWorkload('StatefulSet', 'db')])
    const plan = await planOf(context)
    const result = await restart(context, { ...plan, parameters: {} })
    const effect = 'effect' in result ? result.effect : {}
    await until(
      () => cluster.get('Pod', 'default', 'db-2'),
      (pod) => pod !== undefined && (see(pod).status.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    )
    const late = { ...plan, parameters: { deadlineMs: 0 } }
    const outcome = await rollingRestart.follow(context, late, { ...effect, startedAt: Date.now() - 1_000 }, () => {})
    expect(outcome).toMatchObject({ result: 'failed', progress: { total: 3 } })
    expect(outcome.text).toMatch(
      /^The restart started but did not finish within \d+ s: \d of 3 pods are ready; waiting for .*db-2 \(failing\)/,
    )
  })

  it('goes on when the cluster does not answer for a while', async () => {
    const context = contextOf([web], { writer: writerOf(cluster, 'admin', 300) })
    const plan = await planOf(context)
    const result = await restart(context, plan)
    cluster.failNext({ method: 'GET' }, { status: 500 }, 1)
    const outcome = await rollingRestart.follow(context, plan, 'effect' in result ? result.effect : {}, () => {})
    expect(outcome.result).toBe('succeeded')
  })

  it('admits that it was left in the dark', async () => {
    const context = contextOf([web], { writer: writerOf(cluster, 'admin', 200) })
    const plan = await planOf(context)
    cluster.failNext({ method: 'GET' }, { status: 500 }, 50)
    const late = { ...plan, parameters: { deadlineMs: 10 } }
    const outcome = await rollingRestart.follow(context, late, { startedAt: Date.now() - 60_000 }, () => {})
    expect(outcome).toMatchObject({
      result: 'failed',
      text: expect.stringContaining('did not say within 0 s how it went'),
    })
  })

  it('notices that somebody changed the workload meanwhile', async () => {
    const context = contextOf([web])
    const plan = await planOf(context)
    const result = await restart(context, plan)
    await call(cluster, 'PATCH', '/apis/apps/v1/namespaces/default/deployments/web', {
      body: restartPatch('by somebody else'),
      type: STRATEGIC,
    })
    await settled(cluster, 'Deployment', 'web')
    const outcome = await rollingRestart.follow(context, plan, 'effect' in result ? result.effect : {}, () => {})
    expect(outcome.text).toMatch(/Somebody changed the workload meanwhile\.$/)
  })

  it('ends when incbot does', async () => {
    const stop = new AbortController()
    const context = contextOf([web], { signal: stop.signal })
    const plan = await planOf(context)
    const following = rollingRestart.follow(context, { ...plan, target: { ...plan.target } }, {}, () => stop.abort())
    cluster.apply(aDeployment('web', { replicas: 9, memory: '9Gi' }))
    await expect(following).rejects.toMatchObject({ name: 'AbortError' })
  })
})
