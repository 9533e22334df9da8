import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { labelsIn, scalarsIn } from '../../src/pagerduty/alert-labels.ts'

describe('the labels of an alert', () => {
  it.each([
    ['an object of labels', { labels: { alertname: 'A', replicas: 3, nested: {} } }, { alertname: 'A', replicas: '3' }],
    [
      "Alertmanager's text",
      { firing: 'Labels:\n - a = 1\n - b = x = y\nAnnotations:\n - c = 2\n' },
      { a: '1', b: 'x = y' },
    ],
    [
      'several alerts, of which only what they share',
      { firing: 'Labels:\n - a = 1\n - b = 1\nLabels:\n - a = 1\n - b = 2\n' },
      { a: '1' },
    ],
    ['an annotation that looks like a label', { firing: 'Labels:\nAnnotations:\n - a = 1\n' }, {}],
    ['text of another template', { firing: '2 alerts' }, {}],
    ['no details', undefined, {}],
    ['details as text', 'Labels:\n - a = 1', {}],
  ])('from %s', (_, details, labels) => {
    expect(labelsIn(details)).toEqual(labels)
  })

  it('cannot reach a prototype', () => {
    const labels = labelsIn({ labels: JSON.parse('{"__proto__":"x","constructor":"y"}') })
    expect(Object.entries(labels)).toEqual([['constructor', 'y']])
    expect(labelsIn({ firing: 'Labels:\n - __proto__ = x\n' })).toEqual({})
  })

  it('cost little to look for in hostile text', () => {
    const began = performance.now()
    labelsIn({ firing: `Labels:\n${'\n'.repeat(100_000)}` })
    labelsIn({ firing: `Labels:\n${' '.repeat(100_000)}` })
    labelsIn({ firing: 'Labels:\n'.repeat(12_000) })
    expect(performance.now() - began).toBeLessThan(500)
  })

  it('never throw, and are few and short', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ firing: fc.string() }), fc.record({ labels: fc.jsonValue() })),
        (details) => {
          for (const found of [labelsIn(details), scalarsIn(details)]) {
            expect(Object.keys(found).length).toBeLessThanOrEqual(60)
            expect(Object.values(found).every((value) => typeof value === 'string')).toBe(true)
          }
        },
      ),
    )
  })
})
