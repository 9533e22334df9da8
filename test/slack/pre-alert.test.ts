import { describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import { type Foreseen, firstWatch, type PreAlert } from '../../src/domain/pre-alert.ts'
import { plan } from '../../src/slack/desired.ts'
import { aFinishedInvestigation, anIncident, aView } from './builders.ts'
import { slackWorld } from './workspace.ts'

const HOUR = 3_600_000
/** Saturday, 03:10 in Berlin. */
const SATURDAY = Date.parse('2026-03-14T02:10:00Z')
const MONDAY = Date.parse('2026-03-16T08:00:00Z')

const foreseen: Foreseen = {
  at: SATURDAY + 9 * HOUR,
  earliestAt: SATURDAY + 7 * HOUR,
  latestAt: SATURDAY + 12 * HOUR,
  asOf: SATURDAY,
  severity: 'medium',
  replica: 'inference-prod-3',
  growthBytesPerHour: 5.9e9,
}

const open: PreAlert = {
  ...firstWatch('nightly', 'memory'),
  state: 'open',
  openedAt: SATURDAY,
  foreseen,
  workBeginsAt: MONDAY,
  isWorkTime: false,
  timeZone: 'Europe/Berlin',
}

function watch(change: Partial<PreAlert> = {}, more: Partial<Incident> = {}): Incident {
  const { pagerduty: _none, urgency: _none2, ...rest } = anIncident()
  return {
    ...rest,
    id: 'watch-memory~inference~1',
    origin: 'schedule',
    title: 'Pre-alert: memory is about to reach its limit',
    openedAt: SATURDAY,
    preAlert: { ...open, ...change },
    investigations: [aFinishedInvestigation({ reason: 'scheduled' })],
    ...more,
  }
}

const cardOf = (incident: Incident): string => plan(aView({ incident, now: SATURDAY })).card.content.text

describe('the card of a pre-alert', () => {
  it('says in numbers when memory runs out, before whom, how fast, and how sure that is', () => {
    const text = cardOf(watch())
    expect(text).toContain('*inference will run out of memory Sat 12:10 (in 9 h), before Mon 09:00*')
    expect(text).toContain('; inference-prod-3 grows by 5.9 GB/h. With 80 % certainty between Sat 10:10 and Sat 15:10;')
    expect(text).toContain('times are those of Europe/Berlin. As of 02:10 UTC.')
    expect(text).toContain('The model cache keeps every version')
    expect(text).toContain('found by the schedule “nightly”')
  })

  it('says so where only the early end comes before people do', () => {
    const late = {
      ...foreseen,
      at: SATURDAY + 60 * HOUR,
      earliestAt: SATURDAY + 40 * HOUR,
      latestAt: SATURDAY + 200 * HOUR,
    }
    const text = cardOf(watch({ foreseen: late }))
    expect(text).toContain('*inference may run out of memory before Mon 09:00, most likely Mon 15:10 (in 3 days)*')
    expect(text).toContain('and Sun 22 Mar 11:10')
  })

  it('says that people are at work then, or back by then', () => {
    expect(cardOf(watch({ isWorkTime: true }))).toContain('(in 9 h), while people are at work*')
    const after = { ...foreseen, at: MONDAY + HOUR, earliestAt: MONDAY + HOUR }
    expect(cardOf(watch({ foreseen: after, clearRuns: 1 }))).toContain('after people are back Mon 09:00*')
  })

  it('says that nothing can be told, since when, and that this closes nothing', () => {
    const text = cardOf(watch({ unknown: { since: SATURDAY + HOUR, why: 'Prometheus <!here> took too long.' } }))
    expect(text).toContain(
      'Unknown since 03:10 UTC: Prometheus &lt;!here&gt; took too long. That closes nothing. The figures here are as of 02:10 UTC.',
    )
  })

  it('says that one clear run is not enough, and that two were', () => {
    expect(cardOf(watch({ clearRuns: 1 }))).toContain('If the next one does not either, this closes itself.')
    const closed = watch(
      { state: 'closed', clearRuns: 2, closedAt: SATURDAY + 3 * HOUR },
      { status: 'resolved', resolvedAt: SATURDAY + 3 * HOUR },
    )
    expect(cardOf(closed)).toContain('· closed 05:10 UTC')
    expect(cardOf(closed)).toContain(
      '*Over*: 2 runs in a row foresaw no limit before people are back. Closed 05:10 UTC.',
    )
    expect(
      plan(aView({ incident: closed }))
        .posts.map(({ key }) => key)
        .at(-1),
    ).toContain(':closed:1')
  })

  it('lets no replica’s name ping anybody', () => {
    expect(cardOf(watch({ foreseen: { ...foreseen, replica: '<!channel>' } }))).toContain('; &lt;!channel&gt; grows by')
  })

  it('is referred to on the card of PagerDuty’s incident', () => {
    const foreseenBy = { incidentId: 'watch-1', openedAt: SATURDAY, at: foreseen.at }
    expect(cardOf(anIncident({ foreseenBy, openedAt: SATURDAY + 8 * HOUR }))).toContain(
      'Foreseen: when this began, a pre-alert of the service had been open since 02:10 UTC; the limit was foreseen for 11:10 UTC.',
    )
  })
})

describe('the pre-alert in Slack', () => {
  it('posts details of runs with news only, and news of the thread in the channel too, once', async () => {
    const world = await slackWorld()
    try {
      await world.settle({ incident: watch() })
      const quiet = aFinishedInvestigation({ id: 'quiet', reason: 'scheduled', isQuiet: true })
      const [told] = watch().investigations
      const runs = { investigations: [...(told === undefined ? [] : [told]), quiet] }
      await world.settle({ incident: watch({}, runs) })
      const [card, ...others] = world.slack.messages('C0INFER')
      expect(others).toEqual([])
      expect(world.slack.thread('C0INFER', card?.ts ?? '')).toHaveLength(3)

      const escalations = [{ at: SATURDAY + 7 * HOUR, because: 'It is now less than 2 h away.', foreseen }]
      await world.settle({ incident: watch({ escalations }, runs) })
      await world.settle({ incident: watch({ escalations }, runs) })
      const news = world.slack.messages('C0INFER').slice(1)
      expect(news).toMatchObject([
        { threadTs: card?.ts, text: expect.stringContaining('It is now less than 2 h away.') },
      ])
    } finally {
      await world.stop()
    }
  })
})
