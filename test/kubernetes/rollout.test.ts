import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { WorkloadKind } from '../../src/domain/service.ts'
import { clusterWriter } from '../../src/kubernetes/writer.ts'
import type { ClusterWriter } from '../../src/remediations/cluster.ts'
import { aWorkload, inTime } from './accounts.ts'
import { type ScriptedApi, startScriptedApi } from './scripted-api.ts'

let api: ScriptedApi
let writer: ClusterWriter
beforeAll(async () => {
  api = await startScriptedApi()
  writer = clusterWriter(api.access)
})
afterAll(() => api.stop())

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
const REVISION = 'deployment.kubernetes.io/revision'

const template = (stamp: string, labels: object = {}) => ({
  metadata: { annotations: { [RESTARTED_AT]: stamp }, labels: { app: 'web', ...labels } },
  spec: { containers: [] },
})

/** The ReplicaSet of one restart; its mark is the restart's stamp. */
const aSet = (revision: number, stamp: string, owner = 'uid-web') => ({
  metadata: {
    name: `web-${stamp}`,
    labels: { 'pod-template-hash': stamp },
    annotations: { [REVISION]: String(revision) },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: owner, controller: true }],
  },
  spec: { selector: {}, template: template(stamp, { 'pod-template-hash': stamp }) },
})

const say = (status: object, { spec = {}, pods = [], sets = [] }: Said = {}) => {
  api.answer(/\/(deployments|statefulsets|daemonsets)\/web$/, {
    metadata: { name: 'web', uid: 'uid-web', generation: 2, resourceVersion: '7' },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: template('now'), ...spec },
    status: { observedGeneration: 2, ...status },
  })
  api.answer(/\/pods\?/, { items: pods })
  api.answer(/\/replicasets\?/, { items: sets })
}
interface Said {
  readonly spec?: object
  readonly pods?: readonly object[]
  readonly sets?: readonly object[]
}

const rollout = (kind: WorkloadKind, status: object, said: Said = {}) => {
  say(status, said)
  return writer.rollout(aWorkload(kind), inTime())
}
const target = (kind: WorkloadKind, status: object, said: Said = {}) => {
  say(status, said)
  return writer.target(aWorkload(kind), inTime())
}

const progressing = (reason: string) => ({ conditions: [{ type: 'Progressing', status: 'True', reason }] })
const deployed = { replicas: 3, updatedReplicas: 3, availableReplicas: 3, ...progressing('NewReplicaSetAvailable') }
const stateful = { ...deployed, currentRevision: 'web-2', updateRevision: 'web-2' }
const daemons = { desiredNumberScheduled: 3, currentNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }

describe('a rollout', () => {
  it.each<[string, WorkloadKind, object, boolean]>([
    ['of a Deployment is done', 'Deployment', deployed, true],
    ['that its controller has not seen', 'Deployment', { ...deployed, observedGeneration: 1 }, false],
    ['with pods still to be replaced', 'Deployment', { ...deployed, updatedReplicas: 2 }, false],
    ['with new pods that are not available', 'Deployment', { ...deployed, availableReplicas: 2 }, false],
    ['with an old pod beside the new ones', 'Deployment', { ...deployed, replicas: 4 }, false],
    ['of a StatefulSet is done', 'StatefulSet', stateful, true],
    [
      'whose last pod became current, so that none counts as updated',
      'StatefulSet',
      { ...stateful, updatedReplicas: 0 },
      true,
    ],
    ['of a StatefulSet half way', 'StatefulSet', { ...stateful, updatedReplicas: 1, currentRevision: 'web-1' }, false],
    ['of a StatefulSet unseen', 'StatefulSet', { ...stateful, observedGeneration: 1 }, false],
    ['of a DaemonSet is done', 'DaemonSet', daemons, true],
    ['of a DaemonSet half way', 'DaemonSet', { ...daemons, updatedNumberScheduled: 2 }, false],
    ['of a DaemonSet with a pod down', 'DaemonSet', { ...daemons, numberAvailable: 2 }, false],
    ['without a status', 'Deployment', {}, false],
  ])('%s', async (_, kind, status, done) => {
    expect((await rollout(kind, status)).done).toBe(done)
  })

  it.each<[string, WorkloadKind, object, boolean]>([
    ['is over', 'Deployment', deployed, false],
    ['is over although a pod crashed since', 'Deployment', { ...deployed, availableReplicas: 1 }, false],
    ['waits to be seen', 'Deployment', { ...deployed, observedGeneration: 1 }, true],
    ['makes new pods', 'Deployment', { ...deployed, updatedReplicas: 1 }, true],
    ['removes old pods', 'Deployment', { ...deployed, replicas: 4 }, true],
    [
      'waits for its last pods',
      'Deployment',
      { ...deployed, availableReplicas: 2, ...progressing('ReplicaSetUpdated') },
      true,
    ],
    ['is stuck', 'Deployment', { ...deployed, ...progressing('ProgressDeadlineExceeded') }, true],
    ['is paused at its end', 'Deployment', { ...deployed, ...progressing('DeploymentPaused') }, false],
    ['tells no reason', 'Deployment', { ...deployed, availableReplicas: 2, conditions: [] }, true],
    ['of a StatefulSet is over although a pod crashed', 'StatefulSet', { ...stateful, availableReplicas: 1 }, false],
    ['of a StatefulSet goes on', 'StatefulSet', { ...stateful, currentRevision: 'web-1' }, true],
    ['of a DaemonSet is over although a pod crashed', 'DaemonSet', { ...daemons, numberAvailable: 1 }, false],
    ['of a DaemonSet goes on', 'DaemonSet', { ...daemons, updatedNumberScheduled: 1 }, true],
  ])('before a change: one that %s', async (_, kind, status, rolling) => {
    expect((await target(kind, status)).rolling).toBe(rolling)
  })
})

type Status = Readonly<Record<string, unknown>>
const aPod = (hash: string, status: Status = {}, more: object = {}) => ({
  metadata: {
    name: 'p',
    uid: 'uid-p',
    labels: { 'pod-template-hash': hash, 'controller-revision-hash': hash },
    annotations: { [RESTARTED_AT]: hash },
    ...more,
  },
  status: { containerStatuses: [{ name: 'server', ready: true, restartCount: 0, image: '', imageID: '', ...status }] },
})
const waiting = (reason: string) => ({ ready: false, state: { waiting: { reason } } })
const ended = (reason: string) => ({ terminated: { reason, exitCode: 137 } })

describe('a pod of a rollout', () => {
  it.each<[string, string, object, string | undefined]>([
    ['old', 'of an older template', aPod('before'), undefined],
    [
      'old',
      'of an older template that was out of memory',
      aPod('before', { lastState: ended('OOMKilled') }),
      'OOMKilled',
    ],
    ['ready', 'that is ready', aPod('now'), undefined],
    ['ready', 'that is ready after it crashed', aPod('now', { restartCount: 4 }), undefined],
    ['starting', 'that has just been made', aPod('now', waiting('ContainerCreating')), undefined],
    ['starting', 'that is tried a second time', aPod('now', { ready: false, restartCount: 1 }), undefined],
    ['stopping', 'that goes', aPod('before', {}, { deletionTimestamp: '2026-03-15T03:42:00Z' }), undefined],
    ['failing', 'that is tried a third time', aPod('now', { ready: false, restartCount: 2 }), 'Restarted'],
    [
      'failing',
      'that crashes again and again',
      aPod('now', { ready: false, restartCount: 2, lastState: ended('Error') }),
      'Error',
    ],
    ['failing', 'that waits to crash again', aPod('now', waiting('CrashLoopBackOff')), 'CrashLoopBackOff'],
    [
      'failing',
      'that crashes for want of memory',
      aPod('now', { ...waiting('CrashLoopBackOff'), lastState: ended('OOMKilled') }),
      'OOMKilled',
    ],
    ['failing', 'that was out of memory and is back', aPod('now', { lastState: ended('OOMKilled') }), 'OOMKilled'],
    ['failing', 'that is out of memory now', aPod('now', { ready: false, state: ended('OOMKilled') }), 'OOMKilled'],
    ['failing', 'whose image cannot be had', aPod('now', waiting('ImagePullBackOff')), 'ImagePullBackOff'],
    ['failing', 'whose image is not there', aPod('now', waiting('ErrImagePull')), 'ErrImagePull'],
    ['failing', 'without its secret', aPod('now', waiting('CreateContainerConfigError')), 'CreateContainerConfigError'],
  ])('is %s: one %s', async (state, _, pod, trouble) => {
    const { pods } = await rollout('Deployment', deployed, { pods: [pod], sets: [aSet(1, 'before'), aSet(2, 'now')] })
    expect(pods).toMatchObject([{ name: 'p', uid: 'uid-p', state, trouble }])
  })

  it.each<[string, object, string, string | undefined]>([
    [
      'its init container crashes',
      { initContainerStatuses: [{ name: 'init', restartCount: 3, ...waiting('CrashLoopBackOff') }] },
      'failing',
      'CrashLoopBackOff',
    ],
    [
      'no node takes it',
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
      'starting',
      'Unschedulable',
    ],
    ['nothing is known of it', {}, 'starting', undefined],
    [
      'a readiness gate is closed',
      { ...aPod('now').status, conditions: [{ type: 'Ready', status: 'False' }] },
      'starting',
      undefined,
    ],
  ])('where %s', async (_, status, state, trouble) => {
    const { pods } = await rollout('Deployment', deployed, {
      pods: [{ ...aPod('now'), status }],
      sets: [aSet(2, 'now')],
    })
    expect(pods).toMatchObject([{ state, trouble }])
  })

  it.each<[string, WorkloadKind, object, Said, string]>([
    ['no ReplicaSet runs the template yet', 'Deployment', deployed, { sets: [aSet(1, 'before')] }, 'old'],
    ['its ReplicaSet is of another Deployment', 'Deployment', deployed, { sets: [aSet(2, 'now', 'uid-other')] }, 'old'],
    [
      'a rollback has made an older ReplicaSet the newest',
      'Deployment',
      deployed,
      { sets: [aSet(3, 'now'), aSet(2, 'bad')] },
      'ready',
    ],
    ['it has the update revision', 'StatefulSet', { ...stateful, updateRevision: 'now' }, {}, 'ready'],
    ['it has another revision', 'StatefulSet', { ...stateful, updateRevision: 'later' }, {}, 'old'],
    [
      'the controller has not seen the change',
      'StatefulSet',
      { ...stateful, updateRevision: 'now', observedGeneration: 1 },
      {},
      'old',
    ],
    ['it has the stamp of the restart', 'DaemonSet', daemons, {}, 'ready'],
    ['it has another stamp', 'DaemonSet', daemons, { spec: { template: template('later') } }, 'old'],
  ])('counts as new or not: %s', async (_, kind, status, said, state) => {
    const { pods } = await rollout(kind, status, { pods: [aPod('now')], ...said })
    expect(pods).toMatchObject([{ state }])
  })

  it('is shown in the order of the numbers', async () => {
    const pods = ['web-10', 'web-2', 'web-1'].map((name) => aPod('now', {}, { name }))
    const shown = await rollout('StatefulSet', stateful, { pods })
    expect(shown.pods.map(({ name }) => name)).toEqual(['web-1', 'web-2', 'web-10'])
  })

  it('is left out where it is another workload’s, or has ended', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'uid-web', controller: true }
    const pods = [
      aPod('now', {}, { name: 'own', ownerReferences: [owner] }),
      aPod('now', {}, { name: 'canary', ownerReferences: [{ ...owner, uid: 'uid-canary' }] }),
      { ...aPod('now', {}, { name: 'evicted', ownerReferences: [owner] }), status: { phase: 'Failed' } },
    ]
    const shown = await rollout('StatefulSet', stateful, { pods })
    expect(shown.pods.map(({ name }) => name)).toEqual(['own'])
  })
})

describe('earlier revisions', () => {
  it('are those with another template, the newest first', async () => {
    const sets = [aSet(1, 'first'), aSet(4, 'now'), aSet(3, 'third'), aSet(2, 'other', 'uid-other')]
    expect((await target('Deployment', deployed, { sets })).earlierRevisions).toEqual([3, 1])
  })

  it('hold the last one that ran where a paused Deployment has not tried its template', async () => {
    const sets = [aSet(1, 'first'), aSet(2, 'second')]
    const spec = { paused: true }
    expect(await target('Deployment', deployed, { sets, spec })).toMatchObject({
      paused: true,
      earlierRevisions: [2, 1],
    })
  })
})

describe('a rollback', () => {
  it('sends back what the client library does not know, without the mark, resumes, and is fenced', async () => {
    const before = aSet(1, 'before')
    const spec = { ...before.spec.template.spec, inventedLater: { yes: true } }
    const old = { ...before, spec: { ...before.spec, template: { ...before.spec.template, spec } } }
    say(deployed, { sets: [old, aSet(2, 'now')] })
    api.answer(/^PATCH .*\/deployments\/web\?fieldManager=incbot$/, { metadata: { generation: 3 } })
    const result = await writer.rollBack(aWorkload('Deployment'), 1, '7', inTime())
    expect(result).toEqual({ result: 'applied', generation: 3 })
    expect(api.sent.at(-1)).toEqual([
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
      {
        op: 'replace',
        path: '/spec/template',
        value: { metadata: { annotations: { [RESTARTED_AT]: 'before' }, labels: { app: 'web' } }, spec },
      },
      { op: 'add', path: '/spec/paused', value: false },
    ])
  })
})

describe('a dry run', () => {
  it('hands on what the API server warns of', async () => {
    const warning = '299 - "would violate PodSecurity \\"restricted\\"", 299 - "spec.old is deprecated"'
    api.answer(/^PATCH .*dryRun=All/, { metadata: { generation: 3 } }, { warning })
    expect(await writer.tryRestart(aWorkload('Deployment'), 'now', inTime())).toEqual({
      ok: true,
      warnings: ['would violate PodSecurity "restricted"', 'spec.old is deprecated'],
    })
  })

  it.each([408, 429, 500, 503])('is no answer where the API server says %d', async (code) => {
    api.answer(/^PATCH .*dryRun=All/, { message: 'try later' }, {}, code)
    await expect(writer.tryRestart(aWorkload('Deployment'), 'now', inTime())).rejects.toMatchObject({ effect: 'none' })
  })
})
