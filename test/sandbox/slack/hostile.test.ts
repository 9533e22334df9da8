import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { blockProblems } from '../../../src/sandbox/slack/blocks/check.ts'
import { withIds } from '../../../src/sandbox/slack/blocks/ids.ts'
import { methods } from '../../../src/sandbox/slack/methods/index.ts'
import { formEncode } from '../../../src/sandbox/slack/signing.ts'
import { botToken, withSlack } from './fixture.ts'

describe('hostile input', () => {
  it('never breaks the block check: it names problems', () => {
    const blockish = fc.record(
      {
        type: fc.constantFrom('section', 'actions', 'image', 'context', 'header', 'table', 'rich_text', 'input', 'x'),
        text: fc.jsonValue(),
        elements: fc.jsonValue(),
        fields: fc.jsonValue(),
        slack_file: fc.jsonValue(),
        rows: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(blockish)), (blocks) => {
        for (const problem of blockProblems(blocks, 'message', () => 'missing'))
          expect(problem).toMatch(/\[json-pointer:\/blocks.*\]$/s)
      }),
    )
  })

  it('names a length that cannot be compared', () => {
    const blocks = [{ type: 'table', rows: [{ length: { toString: 0 } }] }]
    expect(blockProblems(blocks, 'message', () => 'missing')).toEqual([expect.stringContaining('invalid length')])
  })

  it('keeps blocks as they are except for ids', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ type: fc.constant('section'), block_id: fc.string() })), (blocks) => {
        expect(withIds(blocks)).toEqual(blocks)
      }),
    )
  })

  it('survives the trip through form encoding', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' })), (fields) => {
        expect({ ...Object.fromEntries(new URLSearchParams(formEncode(fields))) }).toEqual({ ...fields })
      }),
    )
  })

  it('gets an answer from every method, never a 500', async () => {
    await withSlack({ limits: { tierPerMinute: { 1: 1e6, 2: 1e6, 3: 1e6, 4: 1e6 } } }, async (slack) => {
      const argument = fc.constantFrom('channel', 'ts', 'blocks', 'text', 'view', 'files', 'users', 'limit', 'cursor')
      const call = fc.record({
        name: fc.constantFrom(...methods.keys()),
        args: fc.dictionary(argument, fc.oneof(fc.string(), fc.json(), fc.constantFrom('C0INFER', '1.2', 'U0ADA'))),
      })
      await fc.assert(
        fc.asyncProperty(call, async ({ name, args }) => {
          const response = await fetch(`${slack.url}${name}`, {
            method: 'POST',
            body: new URLSearchParams(args),
            headers: { authorization: `Bearer ${botToken}` },
          })
          expect([200, 429]).toContain(response.status)
          expect(await response.json()).toHaveProperty('ok')
        }),
        { numRuns: 300 },
      )
    })
  })
})
