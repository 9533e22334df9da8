import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import {
  aDaemonSet,
  aNode,
  call,
  isReady,
  restartPatch,
  STRATEGIC,
  see,
  settled,
  startCluster,
  stopClusters,
  until,
} from './cluster.ts'

describe('a daemon set', () => {
  let cluster: KubernetesStandIn
  beforeEach(async () => {
    cluster = await startCluster()
    for (const name of ['node-a', 'node-b', 'node-c']) cluster.apply(aNode(name))
  })
  afterEach(stopClusters)

  const pods = () => cluster.list('Pod', 'default')
  const nodes = () =>
    pods()
      .map((pod) => String(see(pod).spec.nodeName))
      .sort((a, b) => a.localeCompare(b))
  const create = async (spec: Parameters<typeof aDaemonSet>[1] = {}): Promise<void> => {
    cluster.apply(aDaemonSet('agent', spec))
    await settled(cluster, 'DaemonSet', 'agent')
  }

  it('runs one pod on every node', async () => {
    await create()
    expect(nodes()).toEqual(['node-a', 'node-b', 'node-c'])
    expect(see(cluster.get('DaemonSet', 'default', 'agent')).status).toMatchObject({
      desiredNumberScheduled: 3,
      numberReady: 3,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
    })
  })

  it('follows nodes that come and go', async () => {
    await create()
    cluster.apply(aNode('node-d'))
    await until(pods, (list) => list.length === 4 && list.every(isReady))
    cluster.remove('Node', undefined, 'node-a')
    await until(pods, (list) => list.length === 3)
    expect(nodes()).toEqual(['node-b', 'node-c', 'node-d'])
  })

  it.each([
    [1, 2],
    [2, 1],
    ['50%', 1],
  ])('keeps enough pods when %s may be unavailable', async (maxUnavailable, least) => {
    await create({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } } })
    const ready = () => pods().filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length
    let fewest = 3
    const timer = setInterval(() => {
      fewest = Math.min(fewest, ready())
    }, 1)
    const path = '/apis/apps/v1/namespaces/default/daemonsets/agent'
    await call(cluster, 'PATCH', path, { body: restartPatch('now'), type: STRATEGIC })
    await settled(cluster, 'DaemonSet', 'agent')
    clearInterval(timer)
    expect(fewest).toBe(least)
  })
})
