import { describe, expect, it } from '@jest/globals'
import { meets, selects } from '../../src/kubernetes/selectors.ts'

describe('a requirement', () => {
  it.each<[string | undefined, string, readonly string[], boolean]>([
    ['a', 'In', ['a', 'b'], true],
    ['c', 'In', ['a', 'b'], false],
    [undefined, 'In', ['a'], false],
    ['c', 'NotIn', ['a'], true],
    ['a', 'NotIn', ['a'], false],
    [undefined, 'NotIn', ['a'], true],
    ['', 'Exists', [], true],
    [undefined, 'Exists', [], false],
    [undefined, 'DoesNotExist', [], true],
    ['a', 'DoesNotExist', [], false],
    ['10', 'Gt', ['9'], true],
    ['9', 'Gt', ['9'], false],
    ['-1', 'Lt', ['0'], true],
    ['ten', 'Gt', ['9'], false],
    ['10', 'Gt', ['nine'], false],
    ['10', 'Gt', ['1', '2'], false],
    ['10', 'Gt', [], false],
    [undefined, 'Lt', ['9'], false],
    ['a', 'Like', ['a'], false],
  ])('%s %s %j: %s', (value, operator, values, met) => expect(meets(value, operator, values)).toBe(met))
})

describe('a selector', () => {
  const labels = { app: 'web', tier: 'front' }
  it.each<[string, Parameters<typeof selects>[0], boolean]>([
    ['that is absent takes nothing', undefined, false],
    ['that is empty takes everything', {}, true],
    ['takes equal labels', { matchLabels: { app: 'web' } }, true],
    ['takes no other labels', { matchLabels: { app: 'web', tier: 'back' } }, false],
    [
      'takes what every expression takes',
      {
        matchExpressions: [
          { key: 'tier', operator: 'In', values: ['front'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      },
      true,
    ],
    [
      'does not take what one expression refuses',
      { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['front'] }] },
      false,
    ],
    [
      'sees no label where there is only something inherited',
      { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] },
      false,
    ],
  ])('%s', (_, selector, takes) => expect(selects(selector, labels)).toBe(takes))
})
