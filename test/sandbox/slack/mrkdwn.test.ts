import { describe, expect, it } from '@jest/globals'
import { escapeTyped, messageReferences, referencesIn } from '../../../src/sandbox/slack/mrkdwn.ts'

describe('references', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['<!channel> <!here|here> <!everyone>', ['<!channel>', '<!here>', '<!everyone>'], []],
    ['<!subteam^S0ONCALL|@oncall> and <@U0ADA>', ['<!subteam^S0ONCALL>', '<@U0ADA>'], []],
    ['<https://a.example|text> <mailto:a@b.example>', [], ['https://a.example', 'mailto:a@b.example']],
    ['&lt;!channel&gt; a < b > c <not a link>', [], []],
    ['<!date^1392734382^{date}|then>', [], []],
    ['<<!channel>>', ['<!channel>'], []],
  ])('in %j', (text, mentions, links) => {
    expect(referencesIn(text)).toEqual({ mentions, links })
  })

  it('are found in mrkdwn and rich text of blocks, but not in plain text, which Slack shows as it is', () => {
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: '<!here>' } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: '<@U0ADA>' }] },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'broadcast', range: 'channel' },
              { type: 'usergroup', usergroup_id: 'S1' },
              { type: 'user', user_id: 'U1' },
              { type: 'link', url: 'https://a.example' },
              { type: 'text', text: '<!here>' },
            ],
          },
        ],
      },
    ]
    expect(messageReferences('', blocks)).toEqual({
      mentions: ['<@U0ADA>', '<!channel>', '<!subteam^S1>', '<@U1>'],
      links: ['https://a.example'],
    })
  })

  it('cannot come from what a person typed', () => {
    const typed = '<!channel> <@U0ADA> <https://a.example|x> & more'
    expect(referencesIn(escapeTyped(typed))).toEqual({ mentions: [], links: [] })
  })
})
