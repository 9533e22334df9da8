import { describe, expect, it } from '@jest/globals'
import { labelProblem } from '../../src/domain/kubernetes-label.ts'

describe('a label', () => {
  it.each([
    'hotfix=INC-4892',
    'a=1',
    'A.b_c-d=x.y_z-1',
    'example.com/hot-fix=yes',
    `a.b/${'k'.repeat(63)}=${'v'.repeat(63)}`,
    `${'d'.repeat(253)}/k=v`,
  ])('can be %s', (text) => {
    expect(labelProblem(text)).toBeUndefined()
  })

  it.each([
    ['', 'written key=value'],
    ['hotfix', 'written key=value'],
    ['=v', 'written key=value'],
    ['k=', 'written key=value'],
    ['k=a=b', 'written key=value'],
    ['a/b/c=v', 'at most one slash'],
    ['/k=v', 'before the slash'],
    ['Example.com/k=v', 'before the slash'],
    ['a..b/k=v', 'before the slash'],
    [`${'d'.repeat(254)}/k=v`, 'before the slash'],
    ['a.b/=v', 'the key must be'],
    ['-k=v', 'the key must be'],
    ['k.=v', 'the key must be'],
    ['k k=v', 'the key must be'],
    [`${'k'.repeat(64)}=v`, 'the key must be'],
    ['k=-v', 'the value must be'],
    ['k=v|w', 'the value must be'],
    ['k=ü', 'the value must be'],
    [`k=${'v'.repeat(64)}`, 'the value must be'],
  ])('cannot be “%s”, and what is wrong is said', (text, expected) => {
    expect(labelProblem(text)).toContain(expected)
  })
})
