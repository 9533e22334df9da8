import { describe, expect, it } from '@jest/globals'
import type { V1PodAffinityTerm } from '@kubernetes/client-node'
import fc from 'fast-check'
import { repulsionOf } from '../../src/kubernetes/repulsion.ts'
import { type NodeRoom, type PodWish, roomFor } from '../../src/kubernetes/room.ts'

const GB = 1e9

const aNode = (name: string, free: Readonly<Record<string, number>>, more: Partial<NodeRoom> = {}): NodeRoom => ({
  name,
  labels: { 'kubernetes.io/hostname': name },
  taints: [],
  cordoned: false,
  ready: true,
  pods: [],
  free: new Map(Object.entries({ memory: 16 * GB, cpu: 8, pods: 50, ...free })),
  ...more,
})

const aWish = (requests: Readonly<Record<string, number>>, more: Partial<PodWish> = {}): PodWish => ({
  requests: new Map(Object.entries(requests)),
  nodeSelector: {},
  terms: undefined,
  tolerations: [],
  repulsions: [],
  ...more,
})

const small = { memory: 4 * GB, cpu: 1 }

describe('room for more pods', () => {
  it.each<[string, PodWish, readonly NodeRoom[], number, number]>([
    ['one on a node that has it exactly', aWish(small), [aNode('a', { memory: 4 * GB })], 1, 1],
    ['none on a node that lacks a byte', aWish(small), [aNode('a', { memory: 4 * GB - 1 })], 1, 0],
    ['several on one node', aWish(small), [aNode('a', { memory: 13 * GB })], 5, 3],
    ['no more than asked for', aWish(small), [aNode('a', {})], 2, 2],
    ['on several nodes together', aWish(small), [aNode('a', { memory: 7 * GB }), aNode('b', { memory: 9 * GB })], 5, 3],
    [
      'none where two halves would make a whole',
      aWish(small),
      [aNode('a', { memory: 2 * GB }), aNode('b', { memory: 3 * GB })],
      1,
      0,
    ],
    ['by what is shortest', aWish({ memory: GB, cpu: 3 }), [aNode('a', {})], 9, 2],
    ['by whole slots for pods', aWish({ memory: GB }), [aNode('a', { pods: 2 })], 9, 2],
    [
      'by GPUs too',
      aWish({ ...small, 'nvidia.com/gpu': 1 }),
      [aNode('a', { 'nvidia.com/gpu': 1 }), aNode('b', {})],
      9,
      1,
    ],
    ['by tenths of cores that add up', aWish({ cpu: 0.1 }), [aNode('a', { cpu: 0.1 + 0.2 })], 9, 3],
    ['as many as there are slots, for pods that ask for nothing', aWish({}), [aNode('a', { pods: 3 })], 9, 3],
    [
      'none on a node that has given too much',
      aWish(small),
      [aNode('a', { memory: -GB }), aNode('b', { memory: 4 * GB })],
      9,
      1,
    ],
    ['none without nodes', aWish(small), [], 1, 0],
    ['none asked for', aWish(small), [aNode('a', {})], 0, 0],
  ])('%s', (_, wish, nodes, count, fits) => expect(roomFor(wish, nodes, count).fits).toBe(fits))

  const inZone = (...values: string[]) => ({ matchExpressions: [{ key: 'zone', operator: 'In', values }] })
  const gpu = { key: 'gpu', effect: 'NoSchedule', value: 'a100' }
  it.each<[string, Partial<NodeRoom>, Partial<PodWish>, boolean]>([
    ['plain', {}, {}, true],
    ['cordoned', { cordoned: true }, {}, false],
    ['silent', { ready: false }, {}, false],
    ['that the selector names', { labels: { pool: 'ml' } }, { nodeSelector: { pool: 'ml' } }, true],
    ['that the selector does not name', { labels: { pool: 'web' } }, { nodeSelector: { pool: 'ml' } }, false],
    ['that one of the terms takes', { labels: { zone: 'b' } }, { terms: [inZone('a'), inZone('b')] }, true],
    ['that no term takes', { labels: { zone: 'c' } }, { terms: [inZone('a'), inZone('b')] }, false],
    [
      'that a term takes by all but one expression',
      { labels: { zone: 'a' } },
      { terms: [{ matchExpressions: [...inZone('a').matchExpressions, { key: 'ssd', operator: 'Exists' }] }] },
      false,
    ],
    [
      'that is named',
      {},
      { terms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }] },
      true,
    ],
    [
      'that is not named',
      {},
      { terms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }] },
      false,
    ],
    ['under a term that says nothing', {}, { terms: [{}] }, false],
    [
      'of a generation new enough',
      { labels: { generation: '12' } },
      { terms: [{ matchExpressions: [{ key: 'generation', operator: 'Gt', values: ['9'] }] }] },
      true,
    ],
    ['that repels', { taints: [gpu] }, {}, false],
    ['that evicts', { taints: [{ key: 'drain', effect: 'NoExecute' }] }, {}, false],
    ['that would rather not', { taints: [{ key: 'old', effect: 'PreferNoSchedule' }] }, {}, true],
    ['whose taint is tolerated', { taints: [gpu] }, { tolerations: [{ key: 'gpu', value: 'a100' }] }, true],
    [
      'whose taint is tolerated with another value',
      { taints: [gpu] },
      { tolerations: [{ key: 'gpu', value: 'h100' }] },
      false,
    ],
    [
      'whose taint is tolerated with another effect',
      { taints: [gpu] },
      { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }] },
      false,
    ],
    [
      'whose taint is tolerated whatever its value',
      { taints: [gpu] },
      { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      true,
    ],
    ['of which everything is tolerated', { taints: [gpu] }, { tolerations: [{ operator: 'Exists' }] }, true],
    [
      'with a second taint that is not tolerated',
      { taints: [gpu, { key: 'drain', effect: 'NoExecute' }] },
      { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      false,
    ],
  ])('on a node %s', (_, traits, wish, taken) => {
    const { fits, candidates } = roomFor(aWish(small, wish), [aNode('a', {}, traits)], 1)
    expect([fits, candidates]).toEqual(taken ? [1, 1] : [0, 0])
  })

  const own = { namespace: 'ml', labels: { app: 'web' } }
  const apart = (term: Partial<V1PodAffinityTerm> = {}) => ({
    repulsions: [
      repulsionOf(own, {
        topologyKey: 'kubernetes.io/hostname',
        labelSelector: { matchLabels: { app: 'web' } },
        ...term,
      }),
    ],
  })
  const zoned = (name: string, zone: string, pods: NodeRoom['pods'] = []) =>
    aNode(name, {}, { labels: { 'kubernetes.io/hostname': name, zone }, pods })
  const elsewhere = { ...own, namespace: 'other' }
  it.each<[string, Partial<PodWish>, readonly NodeRoom[], number, number]>([
    // fits, crowded
    ['one on each node', apart(), [aNode('a', {}), aNode('b', {})], 2, 0],
    ['none beside one of them', apart(), [aNode('a', {}, { pods: [own] }), aNode('b', {})], 1, 1],
    ['beside those of another namespace', apart(), [aNode('a', {}, { pods: [elsewhere] })], 1, 0],
    [
      'none beside a namespace that is named',
      apart({ namespaces: ['other'] }),
      [aNode('a', {}, { pods: [elsewhere] })],
      0,
      1,
    ],
    [
      'none beside any namespace, where labels choose them',
      apart({ namespaceSelector: {} }),
      [aNode('a', {}, { pods: [elsewhere] })],
      0,
      1,
    ],
    ['one in each zone', apart({ topologyKey: 'zone' }), [zoned('a', '1'), zoned('b', '1'), zoned('c', '2')], 2, 0],
    [
      'none in a zone of one of them',
      apart({ topologyKey: 'zone' }),
      [zoned('a', '1', [own]), zoned('b', '1'), zoned('c', '2')],
      1,
      2,
    ],
    [
      'wherever there is no zone',
      apart({ topologyKey: 'zone' }),
      [aNode('a', { memory: 8 * GB }, { pods: [own] })],
      2,
      0,
    ],
    [
      'apart from others, many together',
      apart({ labelSelector: { matchLabels: { app: 'db' } } }),
      [aNode('a', { memory: 8 * GB })],
      2,
      0,
    ],
    [
      'beside an older revision, one each',
      apart({ matchLabelKeys: ['pod-template-hash'] }),
      [aNode('a', {}, { pods: [own] })],
      1,
      0,
    ],
    ['apart from what shares a label', apart({ matchLabelKeys: ['app'] }), [aNode('a', {}, { pods: [own] })], 0, 1],
    ['only where there is room', apart(), [aNode('a', { memory: GB }), aNode('b', {})], 1, 0],
  ])('for pods that keep their distance: %s', (_, wish, nodes, fits, crowded) => {
    expect(roomFor(aWish(small, wish), nodes, 9)).toMatchObject({ fits, crowded, candidates: nodes.length })
  })

  it('names what a pod asks for, and the node that comes closest with what it has left', () => {
    const nodes = [
      aNode('has-memory', { memory: 9 * GB, cpu: 0.1 }),
      aNode('closest', { memory: 3 * GB, cpu: 2 }),
      aNode('cordoned', {}, { cordoned: true }),
    ]
    expect(roomFor(aWish(small), nodes, 1)).toEqual({
      fits: 0,
      requestBytes: 4 * GB,
      requestCpu: 1,
      roomiest: { node: 'closest', freeBytes: 3 * GB, freeCpu: 2 },
      candidates: 2,
      crowded: 0,
    })
  })

  it('names as the roomiest a node where a pod could be, and none where all are crowded', () => {
    const nodes = [aNode('full', { memory: GB }), aNode('crowded', {}, { pods: [own] })]
    expect(roomFor(aWish(small, apart()), nodes, 1).roomiest?.node).toBe('full')
    expect(roomFor(aWish(small, apart()), nodes.slice(1), 1).roomiest).toBeUndefined()
  })

  it('names no node where none may take the pod, and nothing below nothing', () => {
    expect(roomFor(aWish(small), [aNode('a', {}, { cordoned: true })], 1).roomiest).toBeUndefined()
    const { roomiest } = roomFor(aWish(small), [aNode('a', { memory: -GB, cpu: -1 })], 1)
    expect(roomiest).toEqual({ node: 'a', freeBytes: 0, freeCpu: 0 })
  })

  it('is what placing them one after the other, on the roomiest node each, comes to', () => {
    const amounts = fc.record({
      memory: fc.integer({ min: 0, max: 30 }),
      cpu: fc.integer({ min: 0, max: 10 }),
      pods: fc.integer({ min: 0, max: 9 }),
    })
    fc.assert(
      fc.property(
        fc.array(amounts, { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 4 }),
        (free, memory, cpu) => {
          const nodes = free.map((one, index) => aNode(`n${index}`, one))
          const left = free.map((one) => ({ ...one }))
          let placed = 0
          for (;;) {
            const place = left
              .filter((one) => one.memory >= memory && one.cpu >= cpu && one.pods >= 1)
              .sort((a, b) => b.memory - a.memory)[0]
            if (place === undefined) break
            place.memory -= memory
            place.cpu -= cpu
            place.pods -= 1
            placed += 1
          }
          expect(roomFor(aWish({ memory, cpu }), nodes, 1_000).fits).toBe(placed)
        },
      ),
    )
  })
})
