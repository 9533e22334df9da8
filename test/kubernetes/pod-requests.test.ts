import { describe, expect, it } from '@jest/globals'
import type { V1Container, V1PodSpec } from '@kubernetes/client-node'
import { requestsOf } from '../../src/kubernetes/pod-requests.ts'

const aContainer = (requests: Record<string, string>, more: Partial<V1Container> = {}): V1Container => ({
  name: 'c',
  resources: { requests },
  ...more,
})
const aSidecar = (requests: Record<string, string>) => aContainer(requests, { restartPolicy: 'Always' })
const gigabytes = (memory: number) => ({ memory: `${memory}G` })

describe('what a pod asks of its node', () => {
  it.each<[string, V1PodSpec, number]>([
    ['its containers together', { containers: [aContainer(gigabytes(1)), aContainer(gigabytes(2))] }, 3],
    [
      'its largest init container, if that is more',
      { initContainers: [aContainer(gigabytes(5)), aContainer(gigabytes(4))], containers: [aContainer(gigabytes(3))] },
      5,
    ],
    [
      'no init container, if its containers are more',
      { initContainers: [aContainer(gigabytes(2))], containers: [aContainer(gigabytes(3))] },
      3,
    ],
    [
      'its sidecars beside its containers',
      { initContainers: [aSidecar(gigabytes(1))], containers: [aContainer(gigabytes(3))] },
      4,
    ],
    [
      'an init container beside the sidecars before it',
      {
        initContainers: [aSidecar(gigabytes(2)), aContainer(gigabytes(4)), aSidecar(gigabytes(1))],
        containers: [aContainer(gigabytes(1))],
      },
      6,
    ],
    [
      'what the pod says as a whole',
      { resources: { requests: gigabytes(2) }, containers: [aContainer(gigabytes(3))] },
      2,
    ],
    ['its runtime’s overhead on top', { overhead: gigabytes(1), containers: [aContainer(gigabytes(3))] }, 4],
    ['nothing, where it says nothing', { containers: [{ name: 'c' }] }, 0],
  ])('%s', (_, spec, sum) => expect(requestsOf(spec).get('memory') ?? 0).toBe(sum * 1e9))

  it('each resource for itself', () => {
    const spec = {
      initContainers: [aContainer({ cpu: '4', memory: '1G' })],
      containers: [aContainer({ cpu: '500m', memory: '2G', 'nvidia.com/gpu': '1' })],
    }
    expect(Object.fromEntries(requestsOf(spec))).toEqual({ cpu: 4, memory: 2e9, 'nvidia.com/gpu': 1 })
  })
})
