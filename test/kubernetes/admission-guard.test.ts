import { afterEach, describe, expect, it } from '@jest/globals'
import { openGuards } from '../../src/app/connections.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { Workload } from '../../src/domain/service.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { registries } from '../config/fakes.ts'
import { aGuardedFreeze } from '../freeze/builders.ts'
import { ADMIN, call, MERGE, restartPatch, STRATEGIC, stopClusters } from '../sandbox/kubernetes/cluster.ts'
import { aWorkload, inTime, removeKubeconfigs, writerOf } from './accounts.ts'
import { BOT, CI, guardedCluster, guardOf, LOOKER, SERVED, WITHOUT_ROLE } from './guarded-cluster.ts'

afterEach(async () => {
  removeKubeconfigs()
  await stopClusters()
})

const WEB = aWorkload('Deployment', 'web')
const DB = aWorkload('StatefulSet', 'db')
const frozen = (workloads: readonly Workload[] = [WEB], change: Parameters<typeof aGuardedFreeze>[0] = {}) =>
  aGuardedFreeze(change, workloads)

const CONFIG_MAP = '/api/v1/namespaces/incbot/configmaps/incbot-freezes'
const keysOf = (cluster: KubernetesStandIn): readonly string[] =>
  Object.keys(cluster.get('ConfigMap', 'incbot', 'incbot-freezes')?.data ?? {}).toSorted()
const setData = (cluster: KubernetesStandIn, data: object) =>
  call(cluster, 'PATCH', CONFIG_MAP, { body: { data }, type: MERGE })
const deploy = (cluster: KubernetesStandIn, resource = 'deployments/web', token = CI.token) =>
  call(cluster, 'PATCH', `/apis/apps/v1/namespaces/default/${resource}`, {
    body: restartPatch('x'),
    type: STRATEGIC,
    token,
  })
const writes = (cluster: KubernetesStandIn): number =>
  cluster.requests.filter(({ method, path }) => method === 'PATCH' && path.startsWith(CONFIG_MAP)).length

describe('an enforced freeze', () => {
  it('refuses the deploys of a pipeline and of administrators, with the sentence that says who, why and until when', async () => {
    const cluster = await guardedCluster()
    await guardOf(cluster).enforce([frozen()], inTime())
    for (const token of [CI.token, ADMIN.token]) {
      const { status, body } = await deploy(cluster, 'deployments/web', token)
      expect([status, body.message]).toEqual([
        403,
        expect.stringMatching(
          /^deployments\.apps "web" is forbidden: ValidatingAdmissionPolicy 'incbot-freeze' with binding 'incbot-freeze' denied request: Workload deploys of inference are frozen until 05:42 UTC .* by U0ANA: memory grows with every deploy\./,
        ),
      ])
    }
    expect((await deploy(cluster, 'statefulsets/db')).status).toBe(200)
  })

  it('lets scaling pass, and incbot’s own approved restart', async () => {
    const cluster = await guardedCluster()
    await guardOf(cluster).enforce([frozen()], inTime())
    const scale = { body: { spec: { replicas: 4 } }, type: MERGE, token: CI.token }
    expect((await call(cluster, 'PATCH', '/apis/apps/v1/namespaces/default/deployments/web/scale', scale)).status).toBe(
      200,
    )
    expect((await call(cluster, 'PATCH', '/apis/apps/v1/namespaces/default/deployments/web', scale)).status).toBe(200)

    const writer = writerOf(cluster, BOT.name)
    expect(await writer.tryRestart(WEB, 'r1', inTime())).toMatchObject({ ok: true })
    const { resourceVersion } = await writer.target(WEB, inTime())
    expect(await writer.restart(WEB, 'r1', resourceVersion, inTime())).toMatchObject({ result: 'applied' })
  })

  it('lets an exempted label pass, and that only', async () => {
    const cluster = await guardedCluster()
    const exemptions = [
      { kind: 'label', value: 'hotfix=INC-4892', reason: 'it is the fix', by: 'U0ANA', at: 0 },
    ] as const
    await guardOf(cluster).enforce([frozen([WEB, DB], { exemptions })], inTime())
    const hotfix = (value: string) =>
      call(cluster, 'PATCH', '/apis/apps/v1/namespaces/default/deployments/web', {
        body: { metadata: { labels: { hotfix: value } }, ...restartPatch(value) },
        type: STRATEGIC,
        token: CI.token,
      })
    expect((await hotfix('INC-1')).status).toBe(403)
    expect((await hotfix('INC-4892')).status).toBe(200)
    expect((await deploy(cluster, 'statefulsets/db')).status).toBe(403)
  })

  it('is written once, however often it is enforced', async () => {
    const cluster = await guardedCluster()
    const guard = guardOf(cluster)
    await guard.enforce([], inTime())
    expect(writes(cluster)).toBe(0)
    for (let again = 0; again < 3; again++) await guard.enforce([frozen([WEB, DB])], inTime())
    expect(writes(cluster)).toBe(1)
    await guard.enforce([frozen([WEB, DB], { until: Date.parse('2026-03-15T06:42:00Z') })], inTime())
    expect(writes(cluster)).toBe(2)
  })

  it('is lifted by leaving it out, and other people’s keys stay', async () => {
    const cluster = await guardedCluster()
    await setData(cluster, { note: 'do not delete' })
    const guard = guardOf(cluster)
    await guard.enforce([frozen([WEB]), frozen([DB])], inTime())
    expect(keysOf(cluster)).toEqual([
      'frozen.default.Deployment.web',
      'frozen.default.StatefulSet.db',
      'note',
      'until.default.Deployment.web',
      'until.default.StatefulSet.db',
    ])
    await guard.enforce([frozen([DB])], inTime())
    expect((await deploy(cluster)).status).toBe(200)
    expect((await deploy(cluster, 'statefulsets/db')).status).toBe(403)
    await guard.enforce([], inTime())
    expect(keysOf(cluster)).toEqual(['note'])
    expect((await deploy(cluster, 'statefulsets/db')).status).toBe(200)
  })

  it('is repaired where somebody took it away or changed it', async () => {
    const cluster = await guardedCluster()
    const guard = guardOf(cluster)
    await guard.enforce([frozen()], inTime())
    const before = cluster.get('ConfigMap', 'incbot', 'incbot-freezes')?.data
    await setData(cluster, {
      'frozen.default.Deployment.web': null,
      'until.default.Deployment.web': 'never',
      'exempt.default.Deployment.web': '|app=web|',
      'frozen.default.Deployment.stray': 'x',
    })
    expect((await deploy(cluster)).status).toBe(200)
    await guard.enforce([frozen()], inTime())
    expect(cluster.get('ConfigMap', 'incbot', 'incbot-freezes')?.data).toEqual(before)
  })

  it('concerns the workloads of its own cluster only, and none whose name is too long to be a key', async () => {
    const cluster = await guardedCluster()
    const guard = guardOf(cluster)
    const foreign = { ...WEB, cluster: 'staging' }
    const endless = { ...WEB, name: 'x'.repeat(253) }
    expect([WEB, foreign, endless].map(guard.guards)).toEqual([true, false, false])
    await guard.enforce([frozen([foreign, endless])], inTime())
    expect(keysOf(cluster)).toEqual([])
  })
})

describe('enforcing', () => {
  it('reads again where somebody wrote first', async () => {
    const cluster = await guardedCluster()
    cluster.failNext({ method: 'PATCH', path: /configmaps/ }, { status: 409, reason: 'Conflict' }, 3)
    await guardOf(cluster).enforce([frozen()], inTime())
    expect((await deploy(cluster)).status).toBe(403)
  })

  it('is fenced, so that of two at once each leaves a whole state', async () => {
    const cluster = await guardedCluster()
    await Promise.all([
      guardOf(cluster).enforce([frozen([WEB])], inTime()),
      guardOf(cluster).enforce([frozen([DB])], inTime()),
    ])
    expect([
      ['frozen.default.Deployment.web', 'until.default.Deployment.web'],
      ['frozen.default.StatefulSet.db', 'until.default.StatefulSet.db'],
    ]).toContainEqual(keysOf(cluster))
    const bodies = cluster.requests.filter(({ method, path }) => method === 'PATCH' && path.startsWith(CONFIG_MAP))
    for (const { body } of bodies) expect(body).toHaveProperty(['metadata', 'resourceVersion'], expect.any(String))
  })

  it.each<[string, (cluster: KubernetesStandIn) => void, string, RegExp]>([
    [
      'somebody always writes first',
      (cluster) => cluster.failNext({ method: 'PATCH' }, { status: 409, reason: 'Conflict' }, 99),
      BOT.name,
      /^Cluster prod, ConfigMap incbot\/incbot-freezes: somebody else wrote it first, 4 times in a row/,
    ],
    [
      'the ConfigMap is missing',
      (cluster) => cluster.remove('ConfigMap', 'incbot', 'incbot-freezes'),
      BOT.name,
      /it does not exist, so this cluster enforces no freeze; `incbot install kubernetes --namespace incbot \| kubectl apply -f -` makes it/,
    ],
    [
      'it may not be read',
      () => undefined,
      WITHOUT_ROLE.name,
      /lacks the permission to get it \(403\); `incbot install kubernetes/,
    ],
    [
      'it may not be written',
      () => undefined,
      LOOKER.name,
      /lacks the permission to patch it \(403\); `incbot install kubernetes/,
    ],
    [
      'it was made immutable',
      makeImmutable,
      BOT.name,
      /^Cluster prod, ConfigMap incbot\/incbot-freezes: 422 .*is immutable/,
    ],
    [
      'the API server fails',
      (cluster) => cluster.failNext({ method: 'GET' }, { status: 503, message: 'etcd is away' }),
      BOT.name,
      /^Cluster prod, ConfigMap incbot\/incbot-freezes: 503 etcd is away\.$/,
    ],
  ])('says what is wrong and what to do where %s', async (_what, spoil, user, said) => {
    const cluster = await guardedCluster()
    spoil(cluster)
    await expect(guardOf(cluster, user).enforce([frozen()], inTime())).rejects.toThrow(said)
  })

  function makeImmutable(cluster: KubernetesStandIn): void {
    cluster.failNext(
      { method: 'PATCH' },
      { status: 422, reason: 'Invalid', message: 'data: Forbidden: field is immutable when `immutable` is set' },
    )
  }
})

describe('a probe', () => {
  it('is proved where the policy refuses it, and keeps nothing', async () => {
    const cluster = await guardedCluster()
    const guard = guardOf(cluster)
    await guard.enforce([frozen([WEB, DB])], inTime())
    const before = cluster.get('Deployment', 'default', 'web')
    expect(await guard.probe(frozen([WEB, DB]), inTime())).toEqual({ state: 'proved' })
    expect(cluster.get('Deployment', 'default', 'web')?.spec).toEqual(before?.spec)
    const probes = cluster.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('/apps/v1/'))
    expect(probes).toHaveLength(2)
    for (const { path } of probes) expect(path).toContain('dryRun=All')
  })

  const without = (kind: string) => SERVED.filter((one) => one.kind !== kind)
  const INSTALL =
    /^A trial change of Deployment default\/web went through: .*`incbot install kubernetes --namespace incbot \| kubectl apply -f -` puts it there\.$/

  it.each<[string, Parameters<typeof guardedCluster>[0]]>([
    ['without a policy', without('ValidatingAdmissionPolicy')],
    ['without a binding', without('ValidatingAdmissionPolicyBinding')],
  ])('is open %s, and says what to do', async (_what, installed) => {
    const cluster = await guardedCluster(installed)
    const guard = guardOf(cluster)
    await guard.enforce([frozen()], inTime())
    expect(await guard.probe(frozen(), inTime())).toEqual({ state: 'open', text: expect.stringMatching(INSTALL) })
  })

  it('is open where one of several workloads is', async () => {
    const cluster = await guardedCluster()
    const guard = guardOf(cluster)
    await guard.enforce([frozen([DB])], inTime())
    expect(await guard.probe(frozen([DB, WEB]), inTime())).toEqual({
      state: 'open',
      text: expect.stringMatching(INSTALL),
    })
  })

  it('is open where the workload carries an exempted label, and says that', async () => {
    const cluster = await guardedCluster()
    const body = { metadata: { labels: { 'incbot.dev/deploy': 'v48' } } }
    await call(cluster, 'PATCH', '/apis/apps/v1/namespaces/default/deployments/web', { body, type: MERGE })
    const exemptions = [{ kind: 'deploy', value: 'v48', reason: '', by: 'U0ANA', at: 0 }] as const
    const guard = guardOf(cluster)
    await guard.enforce([frozen([WEB], { exemptions })], inTime())
    expect(await guard.probe(frozen([WEB], { exemptions }), inTime())).toEqual({
      state: 'open',
      text: expect.stringMatching(/^Deployment default\/web carries the exempted label incbot\.dev\/deploy=v48:/),
    })
  })

  it('waits for a policy that counts only a moment after it was written', async () => {
    const cluster = await guardedCluster(SERVED, { admissionDelayMs: 200 })
    await guardOf(cluster).enforce([frozen()], inTime())
    expect(await guardOf(cluster).probe(frozen(), inTime())).toMatchObject({ state: 'open' })
    expect(await guardOf(cluster, BOT.name, [50, 100, 200]).probe(frozen(), inTime())).toEqual({ state: 'proved' })
  })

  it('stays open, as it was seen last, where the time is over', async () => {
    const cluster = await guardedCluster([])
    const guard = guardOf(cluster, BOT.name, [10_000])
    expect(await guard.probe(frozen(), AbortSignal.timeout(400))).toMatchObject({ state: 'open' })
  })

  it.each<[string, (cluster: KubernetesStandIn) => void, readonly Workload[], RegExp]>([
    [
      'the workload does not exist',
      () => undefined,
      [aWorkload('Deployment', 'gone')],
      /not answered by the admission policy: 404 .*"gone" not found/,
    ],
    [
      'the account may not change it',
      () => undefined,
      [{ ...WEB, namespace: 'kube-system' }],
      /403 .*User "system:serviceaccount:incbot:incbot-write" cannot patch/,
    ],
    [
      'somebody else’s policy refuses it first',
      (cluster) =>
        cluster.failNext(
          { method: 'PATCH' },
          { status: 403, reason: 'Forbidden', message: 'admission webhook "x" denied the request' },
        ),
      [WEB],
      /403 admission webhook "x" denied the request/,
    ],
    ['the API server fails', (cluster) => cluster.failNext({ method: 'PATCH' }, { status: 500 }), [WEB], /500/],
    ['no answer comes', (cluster) => cluster.failNext({ method: 'PATCH' }, 'reset'), [WEB], /no answer/],
    [
      'no workload is in this cluster',
      () => undefined,
      [{ ...WEB, cluster: 'staging' }],
      /^No workload of inference is in cluster prod\.$/,
    ],
  ])('tells nothing where %s', async (_what, spoil, workloads, said) => {
    const cluster = await guardedCluster()
    const guard = guardOf(cluster)
    await guard.enforce([frozen()], inTime())
    spoil(cluster)
    expect(await guard.probe(frozen(workloads), inTime())).toEqual({
      state: 'unknown',
      text: expect.stringMatching(said),
    })
  })
})

describe('the guards of a configuration', () => {
  it('are those clusters that have `admission`', () => {
    const loaded = loadConfig(
      'incbot.yaml',
      `slack: { fallbackChannel: C0FALLBACK }
clusters:
  prod: { write: { kubeconfig: /k, context: w }, admission: { namespace: incbot } }
  staging: { write: { kubeconfig: /k, context: w } }
services: { inference: {} }
`,
      registries,
    )
    if (!loaded.ok) throw new Error('The configuration is right.')
    expect(openGuards(loaded.config).map(({ name }) => name)).toEqual(['Kubernetes admission (prod)'])
  })
})
