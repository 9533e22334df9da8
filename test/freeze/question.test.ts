import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readDeploy } from '../../src/freeze/question.ts'

describe('a question to the gate', () => {
  it('may say nothing about the deploy, or all of it', () => {
    expect(readDeploy({})).toEqual({ deploy: { labels: [] } })
    expect(
      readDeploy({ scope: ['model'], deploy: ['v48'], label: ['a=b', 'team=ml/core'], other: ['is', 'ignored'] }),
    ).toEqual({ deploy: { scope: 'model', name: 'v48', labels: ['a=b', 'team=ml/core'] } })
  })

  it.each([
    ['a scope that there is not', { scope: ['node'] }, 'model or workload'],
    ['an empty scope', { scope: [''] }, 'model or workload'],
    ['two scopes, of which the smaller might be meant', { scope: ['workload', 'model'] }, 'once'],
    ['two names', { deploy: ['v1', 'v2'] }, 'once'],
    ['an empty name, as a variable that is not set gives it', { deploy: [''] }, '1 to 200 characters'],
    ['a name of spaces', { deploy: ['  '] }, '1 to 200 characters'],
    ['an endless name', { deploy: ['v'.repeat(201)] }, '1 to 200 characters'],
    ['a name with a line break', { deploy: ['v1\nv2'] }, 'can be seen'],
    ['a name that reads backwards', { deploy: ['v1\u202e'] }, 'can be seen'],
    ['a name with half a character', { deploy: ['v1\ud800'] }, 'can be seen'],
    ['a label without a value’s sign', { label: ['hotfix'] }, 'key=value'],
    ['a label without a key', { label: ['=x'] }, 'key=value'],
    ['an endless label', { label: [`a=${'b'.repeat(400)}`] }, 'at most 400'],
    ['a wrong label among right ones', { label: ['a=b', 'c'] }, 'key=value'],
    ['51 labels', { label: Array.from({ length: 51 }, (_, index) => `a${index}=b`) }, 'up to 50 times'],
  ])('with %s is wrong', (_what, query, text) => {
    expect(readDeploy(query)).toEqual({ problem: expect.stringContaining(text) })
  })

  it('is never more than what was asked', () => {
    const values = fc.array(fc.string(), { maxLength: 3 })
    fc.assert(
      fc.property(fc.record({ scope: values, deploy: values, label: values }, { requiredKeys: [] }), (query) => {
        const reading = readDeploy(query)
        if ('problem' in reading) return
        expect([reading.deploy.name]).toEqual([query.deploy?.[0]])
        expect([reading.deploy.scope]).toEqual([query.scope?.[0]])
        expect(reading.deploy.labels).toEqual(query.label ?? [])
      }),
    )
  })
})
