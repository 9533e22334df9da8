import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { sameJson } from '../../../src/sandbox/kubernetes/json.ts'
import { applyJsonPatch } from '../../../src/sandbox/kubernetes/patch/json-patch.ts'
import { applyMergePatch } from '../../../src/sandbox/kubernetes/patch/merge-patch.ts'
import { applyStrategicMerge } from '../../../src/sandbox/kubernetes/patch/strategic-merge.ts'

const scalar = fc.oneof(fc.integer(), fc.string(), fc.boolean())
const { object } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(scalar, { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.stringMatching(/^[a-d]$/), tie('value'), { maxKeys: 4 }),
}))
// Both are built by the dictionary arbitrary above.
const document = object as fc.Arbitrary<Record<string, unknown>>

describe('a merge patch', () => {
  // The examples of RFC 7386, appendix A, that start from an object.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('makes of %j with %j: %j', (before, patch, after) => {
    expect(applyMergePatch(before, patch)).toEqual(after)
  })

  it('applied twice is the same as applied once', () => {
    fc.assert(
      fc.property(document, document, (before, patch) => {
        const once = applyMergePatch(before, patch)
        expect(applyMergePatch(once, patch)).toEqual(once)
      }),
    )
  })
})

describe('a JSON patch', () => {
  const before = { a: { b: [1, 2, 3] }, 'x/y': 1, 'm~n': 2 }
  it.each([
    [[{ op: 'add', path: '/a/b/1', value: 9 }], { ...before, a: { b: [1, 9, 2, 3] } }],
    [[{ op: 'add', path: '/a/b/-', value: 9 }], { ...before, a: { b: [1, 2, 3, 9] } }],
    [[{ op: 'remove', path: '/a/b/0' }], { ...before, a: { b: [2, 3] } }],
    [[{ op: 'replace', path: '/x~1y', value: 7 }], { ...before, 'x/y': 7 }],
    [[{ op: 'replace', path: '/m~0n', value: 7 }], { ...before, 'm~n': 7 }],
    [[{ op: 'copy', from: '/a/b', path: '/c' }], { ...before, c: [1, 2, 3] }],
    [[{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: [1, 2, 3], 'x/y': 1, 'm~n': 2 }],
    [[{ op: 'test', path: '/a/b', value: [1, 2, 3] }], before],
  ])('does %j', (patch, after) => {
    expect(applyJsonPatch(before, patch)).toEqual(after)
  })

  it.each([
    [{ op: 'remove', path: '/none' }],
    [{ op: 'replace', path: '/a/c', value: 1 }],
    [{ op: 'add', path: '/a/b/7', value: 1 }],
    [{ op: 'add', path: '/no/where', value: 1 }],
    [{ op: 'test', path: '/x~1y', value: 2 }],
    [{ op: 'swap', path: '/a' }],
    [{ op: 'copy', from: '/none', path: '/c' }],
  ])('refuses %j and leaves the document alone', (operation) => {
    const copy = structuredClone(before)
    expect(() => applyJsonPatch(before, [operation])).toThrow('rejected our request')
    expect(before).toEqual(copy)
  })
})

describe('a strategic merge patch', () => {
  const merge = (before: Record<string, unknown>, patch: Record<string, unknown>) =>
    applyStrategicMerge('PodSpec', before, patch)
  const pod = {
    containers: [
      { name: 'a', image: 'a:1' },
      { name: 'b', image: 'b:1', args: ['x'] },
    ],
  }

  it.each([
    [
      'changes one of a keyed list',
      { containers: [{ name: 'b', image: 'b:2' }] },
      [pod.containers[0], { name: 'b', image: 'b:2', args: ['x'] }],
    ],
    [
      'adds to a keyed list',
      { containers: [{ name: 'c', image: 'c:1' }] },
      [...pod.containers, { name: 'c', image: 'c:1' }],
    ],
    ['deletes from a keyed list', { containers: [{ name: 'a', $patch: 'delete' }] }, [pod.containers[1]]],
    [
      'replaces a keyed list',
      { containers: [{ $patch: 'replace' }, { name: 'z', image: 'z:1' }] },
      [{ name: 'z', image: 'z:1' }],
    ],
    [
      'replaces a list without a key',
      { containers: [{ name: 'b', args: ['y'] }] },
      [pod.containers[0], { name: 'b', image: 'b:1', args: ['y'] }],
    ],
    [
      'orders a keyed list',
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'a', image: 'a:2' }] },
      [pod.containers[1], { name: 'a', image: 'a:2' }],
    ],
  ])('%s', (_case, patch, containers) => {
    expect(merge(pod, patch)).toEqual({ containers })
  })

  it('replaces an object on request', () => {
    expect(
      merge(
        { securityContext: { runAsUser: 1, fsGroup: 2 } },
        { securityContext: { $patch: 'replace', runAsUser: 3 } },
      ),
    ).toEqual({
      securityContext: { runAsUser: 3 },
    })
  })

  it('keeps only the keys that it is told to retain', () => {
    const before = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }
    const patch = { $retainKeys: ['type'], type: 'Recreate' }
    expect(applyStrategicMerge('DeploymentStrategy', before, patch)).toEqual({ type: 'Recreate' })
  })

  it('merges and shrinks a set of scalars', () => {
    const before = { finalizers: ['a', 'b'] }
    expect(applyStrategicMerge('ObjectMeta', before, { finalizers: ['b', 'c'] })).toEqual({
      finalizers: ['a', 'b', 'c'],
    })
    const shrink = { '$deleteFromPrimitiveList/finalizers': ['a'] }
    expect(applyStrategicMerge('ObjectMeta', before, shrink)).toEqual({ finalizers: ['b'] })
  })

  it.each([
    { containers: [{ image: 'nameless' }] },
    { containers: ['text'] },
    { securityContext: { $patch: 'explode' } },
  ])('refuses %j', (patch) => {
    expect(() => merge(pod, patch)).toThrow(/merge|patch type/)
  })

  it('is a merge patch where no list is involved', () => {
    fc.assert(
      fc.property(document, document, (before, patch) => {
        expect(applyStrategicMerge(undefined, before, patch)).toEqual(applyMergePatch(before, patch))
      }),
    )
  })
})

describe('comparing JSON', () => {
  it('agrees with text of sorted keys, whatever the order of keys', () => {
    fc.assert(
      fc.property(document, document, (a, b) => {
        expect(sameJson(a, structuredClone(a))).toBe(true)
        const reversed = Object.fromEntries(Object.entries(b).reverse())
        expect(sameJson(b, reversed)).toBe(true)
        expect(sameJson(a, { ...a, other: 1 })).toBe(false)
        expect(sameJson(a, { ...a, other: undefined })).toBe(true)
      }),
    )
  })
})
