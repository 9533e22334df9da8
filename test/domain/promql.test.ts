import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { expand } from '../../src/domain/promql.ts'
import type { ServiceMetrics } from '../../src/domain/service.ts'
import { parsePromql } from '../../src/sandbox/prometheus/promql/parse.ts'

const metrics: ServiceMetrics = { source: 'm', selector: 'namespace="ml"', replicaLabel: 'pod', memory: '' }

describe('an expression of a service', () => {
  it('gets its selector, everywhere it stands', () => {
    expect(expand('a{$selector} / b{x="1",$selector}', metrics)).toBe('a{namespace="ml"} / b{x="1",namespace="ml"}')
  })

  it('is narrowed to replicas where some are named', () => {
    expect(expand('a{$selector}', metrics, ['p-0', 'p-1'])).toBe('a{namespace="ml",pod=~"p-0|p-1"}')
  })

  it.each(['a.b', 'a|b', '.*', '"}', "'", 'a\nb', 'a\\', '\\"', '$&', '$selector', '(', '[', '-', ' ', 'é✓'])(
    'takes the replica name %j literally',
    (name) => {
      expect(matched(name, [name])).toBe(true)
      expect(matched(`${name}x`, [name])).toBe(false)
    },
  )

  it('matches the replicas that are named and nothing else, whatever they are called', () => {
    const name = fc.string({ unit: 'binary', minLength: 1 })
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), name, (names, other) => {
        expect(names.every((one) => matched(one, names))).toBe(true)
        expect(matched(other, names)).toBe(names.includes(other))
      }),
    )
  })

  it.each(["pod=~'web-.+$'", 'pod=~"a$&b"', 'pod="$$"'])('keeps a selector such as %s as it is', (selector) => {
    expect(expand('a{$selector} + b{$selector}', { ...metrics, selector })).toBe(`a{${selector}} + b{${selector}}`)
  })
})

/** Whether Prometheus' own reading of the expression takes a series with that replica name. */
function matched(name: string, replicas: readonly string[]): boolean {
  const tree = parsePromql(expand('a{$selector}', metrics, replicas))
  if (tree.type !== 'selector') throw new Error(`Not a selector: ${tree.type}`)
  const byName = new Map(tree.matchers.map((matcher) => [matcher.name, matcher]))
  expect([...byName.keys()].sort()).toEqual(['__name__', 'namespace', 'pod'])
  return byName.get('pod')?.test(name) === true
}
