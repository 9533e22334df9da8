import { describe, expect, it } from '@jest/globals'
import type { Joined, Member } from '../../src/domain/joined.ts'
import { plan } from '../../src/slack/desired.ts'
import { aFinishedInvestigation, anIncident, aView, NOW } from './builders.ts'

const member = (id: number, change: Partial<Member> = {}): Member => ({
  id: `am-${id}`,
  title: `alert ${id}`,
  status: 'triggered',
  statusAt: NOW,
  since: NOW + id * 60_000,
  ...change,
})

function card(joined: Partial<Joined>, change = {}): string {
  const own = { status: 'triggered', statusAt: NOW } as const
  const whole = { own, count: 1, open: ['am-1'], openBeyond: 0, first: [member(1)], last: [], ...joined }
  return plan(aView({ incident: anIncident({ joined: whole, ...change }) })).card.content.text
}

describe('the card of an incident that others joined', () => {
  it('says how many, since when, how many go on, and which came first', () => {
    const url = 'http://prometheus.example/graph'
    const first = [member(1, { url }), member(2), member(3)]
    const text = card({
      count: 37,
      open: Array.from({ length: 10 }, (_, index) => `am-${index}`),
      openBeyond: 2,
      first,
    })
    expect(text).toContain('+ *37 more alerts* of inference since 03:43 UTC, 12 go on\n')
    expect(text).toContain(`> <${url}|alert 1> · alert 2 · alert 3 …`)
  })

  it.each([
    ['one that goes on', {}, '+ *1 more alert* of inference since 03:43 UTC, 1 goes on\n'],
    ['one that is over', { open: [] }, '+ *1 more alert* of inference since 03:43 UTC, all of them over\n'],
    [
      'one that goes on while the first is over',
      { own: { status: 'resolved', statusAt: NOW } as const },
      '1 goes on; the first one is over',
    ],
  ])('says it of %s', (_what, joined, text) => {
    expect(card(joined)).toContain(text)
  })

  it('says nothing where nobody joined', () => {
    expect(card({ count: 0, first: [], open: [] })).not.toContain('more alert')
  })

  it('shows what comes from outside as text', () => {
    const text = card({ first: [member(1, { title: '<!channel> *x* <@U1>', url: 'javascript:alert(1)' })] })
    expect(text).toContain('> &lt;!channel&gt; *\u200bx*\u200b &lt;@U1&gt;')
    expect(text).not.toContain('javascript')
  })

  it('links to the alert where PagerDuty has no incident, and to both where it has', () => {
    const alert = { serviceName: 'inference', url: 'http://prometheus.example/graph', details: {} }
    const text = plan(aView({ incident: anIncident({ alert }) })).card.content.text
    expect(text).toMatch(/PagerDuty #\d+ · <http:\/\/prometheus\.example\/graph\|alert in Prometheus>/)
    const { pagerduty: _none, ...alone } = anIncident({ alert })
    expect(plan(aView({ incident: alone })).card.content.text).not.toContain('PagerDuty #')
  })
})

it('the card names what else was open when it was diagnosed', () => {
  const other = { id: 'pd-Q2', title: 'Errors <!here>', service: 'checkout', since: NOW - 120_000 }
  const related = [{ ...other, url: 'https://acme.pagerduty.com/incidents/Q2' }, other]
  const incident = anIncident({ investigations: [aFinishedInvestigation({ related })] })
  const { text } = plan(aView({ incident })).card.content
  const link = '<https://acme.pagerduty.com/incidents/Q2|Errors &lt;!here&gt;>'
  expect(text).toContain(`Related: checkout: ${link} since 03:40 UTC · checkout: Errors &lt;!here&gt; since 03:40 UTC`)
})
