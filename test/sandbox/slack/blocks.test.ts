import { describe, expect, it } from '@jest/globals'
import { blockProblems, checkMessageBlocks } from '../../../src/sandbox/slack/blocks/check.ts'
import type { FileState } from '../../../src/sandbox/slack/blocks/cross-checks.ts'
import { withIds } from '../../../src/sandbox/slack/blocks/ids.ts'
import { checkedView } from '../../../src/sandbox/slack/blocks/view.ts'
import { MethodRefusal } from '../../../src/sandbox/slack/refusal.ts'

const plain = (text: string) => ({ type: 'plain_text', text })
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })
const section = (fields: object = {}) => ({ type: 'section', text: mrkdwn('hi'), ...fields })
const button = (fields: object = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...fields })
const actions = (...elements: readonly object[]) => ({ type: 'actions', elements })
const confirm = (fields: object = {}) => ({
  title: plain('Sure?'),
  text: mrkdwn('Really?'),
  confirm: plain('Yes'),
  deny: plain('No'),
  ...fields,
})
const files = (id: string): FileState => (id === 'F1' ? 'ready' : id === 'F2' ? 'processing' : 'missing')
const problems = (blocks: unknown, surface: 'message' | 'modal' | 'home' = 'message') =>
  blockProblems(blocks, surface, files)
const times = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, at) => item(at))

describe('Block Kit', () => {
  it.each<[string, readonly unknown[]]>([
    ['a section with text, fields and a button', [section({ fields: [mrkdwn('a'), plain('b')], accessory: button() })]],
    ['a header of 150', [{ type: 'header', text: plain('x'.repeat(150)) }]],
    ['a divider', [{ type: 'divider', block_id: 'b' }]],
    [
      'a context with image and text',
      [
        {
          type: 'context',
          elements: [mrkdwn('a'), { type: 'image', alt_text: 'a', image_url: 'https://a.example/a.png' }],
        },
      ],
    ],
    ['25 buttons', [actions(...times(25, (at) => button({ action_id: `go${at}` })))]],
    [
      'a confirmed button',
      [actions(button({ value: 'x'.repeat(2000), style: 'danger', confirm: confirm({ style: 'danger' }) }))],
    ],
    [
      'an uploaded image',
      [{ type: 'image', alt_text: 'memory 61 %', slack_file: { id: 'F1' }, title: plain('Memory') }],
    ],
    ['the same action_id in two blocks', [actions(button()), section({ accessory: button() })]],
    [
      'menus',
      [
        actions(
          { type: 'static_select', action_id: 's', options: [{ text: plain('a'), value: 'a' }] },
          { type: 'overflow', action_id: 'o', options: [{ text: plain('a'), value: 'a' }] },
          { type: 'users_select', action_id: 'u' },
        ),
      ],
    ],
    ['markdown', [{ type: 'markdown', text: '**hi**' }]],
    [
      'a table',
      [
        {
          type: 'table',
          rows: [
            [
              { type: 'raw_text', text: 'a' },
              { type: 'raw_number', value: 1, text: '1' },
            ],
          ],
          column_settings: [{ align: 'right' }],
        },
      ],
    ],
    [
      'rich text',
      [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'text', text: 'a', style: { bold: true } },
                { type: 'link', url: 'https://a.example' },
              ],
            },
          ],
        },
      ],
    ],
    [
      'feedback buttons',
      [
        {
          type: 'context_actions',
          elements: [
            {
              type: 'feedback_buttons',
              action_id: 'f',
              positive_button: { text: plain('y'), value: 'y' },
              negative_button: { text: plain('n'), value: 'n' },
            },
          ],
        },
      ],
    ],
  ])('accepts %s', (_name, blocks) => {
    expect(problems(blocks)).toEqual([])
  })

  it.each<[string, readonly unknown[], string]>([
    ['51 blocks', times(51, () => ({ type: 'divider' })), 'no more than 50 items allowed [json-pointer:/blocks]'],
    ['an unknown type', [{ type: 'chart' }], 'unsupported type: "chart" [json-pointer:/blocks/0/type]'],
    ['a block that nothing here checks', [{ type: 'card' }], 'unsupported type: "card" [json-pointer:/blocks/0/type]'],
    [
      'a modal-only block',
      [{ type: 'alert', text: plain('a') }],
      'unsupported type: "alert" [json-pointer:/blocks/0/type]',
    ],
    [
      'an unknown field of a block',
      [section({ color: 'red' })],
      'invalid additional property: color [json-pointer:/blocks/0]',
    ],
    [
      'an unknown field of an element',
      [actions(button({ icon: 'x' }))],
      'invalid additional property: icon [json-pointer:/blocks/0/elements/0]',
    ],
    ['a section with nothing', [{ type: 'section' }], 'must have text or fields [json-pointer:/blocks/0]'],
    [
      'an empty text',
      [section({ text: mrkdwn('') })],
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      '3,001 characters',
      [section({ text: mrkdwn('x'.repeat(3001)) })],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      '11 fields',
      [section({ fields: times(11, () => plain('a')) })],
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a field of 2,001',
      [section({ fields: [plain('x'.repeat(2001))] })],
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      'a header of 151',
      [{ type: 'header', text: plain('x'.repeat(151)) }],
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a header in mrkdwn',
      [{ type: 'header', text: mrkdwn('a') }],
      'must be one of plain_text [json-pointer:/blocks/0/text/type]',
    ],
    [
      '26 buttons',
      [actions(...times(26, (at) => button({ action_id: `go${at}` })))],
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    ['no buttons', [actions()], 'must have at least 1 items [json-pointer:/blocks/0/elements]'],
    [
      '11 context elements',
      [{ type: 'context', elements: times(11, () => mrkdwn('a')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a button in a context',
      [{ type: 'context', elements: [button()] }],
      'unsupported type: "button" [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      'a button text of 76',
      [actions(button({ text: plain('x'.repeat(76)) }))],
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a button text in mrkdwn',
      [actions(button({ text: mrkdwn('*Go*') }))],
      'must be one of plain_text [json-pointer:/blocks/0/elements/0/text/type]',
    ],
    [
      'a button value of 2,001',
      [actions(button({ value: 'x'.repeat(2001) }))],
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a button style that does not exist',
      [actions(button({ style: 'warning' }))],
      'must be one of primary, danger [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'a button without text',
      [actions({ type: 'button', action_id: 'a' })],
      'missing required field: text [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'an action_id of 256',
      [actions(button({ action_id: 'x'.repeat(256) }))],
      'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    ],
    [
      'a block_id of 256',
      [section({ block_id: 'x'.repeat(256) })],
      'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
    ],
    [
      'a confirm title of 101',
      [actions(button({ confirm: confirm({ title: plain('x'.repeat(101)) }) }))],
      'must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]',
    ],
    [
      'a confirm text of 301',
      [actions(button({ confirm: confirm({ text: mrkdwn('x'.repeat(301)) }) }))],
      'must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]',
    ],
    [
      'a confirm button of 31',
      [actions(button({ confirm: confirm({ deny: plain('x'.repeat(31)) }) }))],
      'must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]',
    ],
    [
      'a confirm without deny',
      [actions(button({ confirm: { title: plain('a'), text: plain('a'), confirm: plain('a') } }))],
      'missing required field: deny [json-pointer:/blocks/0/elements/0/confirm]',
    ],
    [
      'an image without alt_text',
      [{ type: 'image', slack_file: { id: 'F1' } }],
      'missing required field: alt_text [json-pointer:/blocks/0]',
    ],
    [
      'an image with two sources',
      [{ type: 'image', alt_text: 'a', slack_file: { id: 'F1' }, image_url: 'https://a.example/a.png' }],
      'must have exactly one of image_url and slack_file [json-pointer:/blocks/0]',
    ],
    [
      'an image that only this host reaches',
      [{ type: 'image', alt_text: 'a', image_url: 'https://127.0.0.1/a.png' }],
      'must be an https address that Slack can reach [json-pointer:/blocks/0/image_url]',
    ],
    [
      'a file that does not exist',
      [{ type: 'image', alt_text: 'a', slack_file: { id: 'F9' } }],
      'invalid slack file: slack file does not exist [json-pointer:/blocks/0/slack_file]',
    ],
    [
      'a file in processing',
      [{ type: 'image', alt_text: 'a', slack_file: { id: 'F2' } }],
      'invalid slack file: slack file is still being processed [json-pointer:/blocks/0/slack_file]',
    ],
    [
      'a repeated block_id',
      [section({ block_id: 'a' }), section({ block_id: 'a' })],
      '`block_id` already exists: a [json-pointer:/blocks/1/block_id]',
    ],
    [
      'a repeated action_id in a block',
      [actions(button(), button())],
      '`action_id` already exists: go [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'two tables',
      times(2, () => ({ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] })),
      'only one table is allowed per message [json-pointer:/blocks/1]',
    ],
    [
      'rows of different lengths',
      [{ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }], []] }],
      'must have at least 1 items [json-pointer:/blocks/0/rows/1]',
    ],
    [
      'a select without options',
      [actions({ type: 'static_select', action_id: 's' })],
      'must have exactly one of options and option_groups [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'an option value of 151',
      [actions({ type: 'overflow', options: [{ text: plain('a'), value: 'x'.repeat(151) }] })],
      'must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]',
    ],
    [
      'text that is a number',
      [section({ text: { type: 'mrkdwn', text: 5 } })],
      'must provide a string [json-pointer:/blocks/0/text/text]',
    ],
  ])('refuses %s', (_name, blocks, expected) => {
    expect(problems(blocks)).toContain(expected)
  })

  it('reports every problem at once', () => {
    expect(problems([section({ a: 1 }), { type: 'header' }])).toHaveLength(2)
  })

  it('refuses about 13,000 characters of blocks in all, although each block is allowed', () => {
    const blocks = times(5, () => section({ text: mrkdwn('x'.repeat(2900)) }))
    expect(problems(blocks)).toEqual([])
    expect(() => checkMessageBlocks(blocks, files)).toThrow(new MethodRefusal('msg_blocks_too_long'))
    expect(() => checkMessageBlocks(blocks.slice(1), files)).not.toThrow()
  })

  it('stores blocks with the ids that Slack would add, and leaves given ids alone', () => {
    const [first, second] = withIds([
      actions(button(), { type: 'button', text: plain('b') }),
      section({ block_id: 'mine' }),
    ])
    expect(first).toMatchObject({
      block_id: expect.any(String),
      elements: [{ action_id: 'go' }, { action_id: expect.any(String) }],
    })
    expect(second).toMatchObject({ block_id: 'mine' })
    expect(second).not.toHaveProperty('text.action_id')
  })
})

describe('views', () => {
  const input = { type: 'input', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'why' } }
  const modal = (fields: object = {}) => ({
    type: 'modal',
    title: plain('Freeze'),
    submit: plain('Go'),
    blocks: [input],
    ...fields,
  })

  it('accepts a modal with an input and a submit button', () => {
    expect(checkedView(modal(), 'modal', files)).toMatchObject({ type: 'modal' })
  })

  it.each<[string, object, string]>([
    ['an input without submit', modal({ submit: undefined }), 'missing required field: submit [json-pointer:/view]'],
    [
      'a title of 25',
      modal({ title: plain('x'.repeat(25)) }),
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'private_metadata of 3,001',
      modal({ private_metadata: 'x'.repeat(3001) }),
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    [
      '101 blocks',
      modal({ blocks: times(101, () => ({ type: 'divider' })) }),
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
    ['an unknown field', modal({ colour: 'red' }), 'invalid additional property: colour [json-pointer:/view]'],
  ])('refuses %s', (_name, view, expected) => {
    const found = caught(() => checkedView(JSON.parse(JSON.stringify(view)), 'modal', files))
    expect(found).toMatchObject({ fields: { response_metadata: { messages: [`[ERROR] ${expected}`] } } })
  })
})

function caught(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
