import { performance } from 'node:perf_hooks'
import type { World } from '../../sandbox/world/index.ts'
import type { SlackWindow } from './slack-window.ts'
import type { Steps } from './story.ts'
import type { Transcript } from './transcript.ts'

/** Everything on the stage of any story. */
export interface Stage {
  readonly world: World
  readonly slack: SlackWindow
  readonly transcript: Transcript
  readonly steps: Steps
}

/** The alert goes off, and the bot has to be there within seconds. Resolves with PagerDuty's id of the incident. */
export async function pageGoesOff({ world, slack, transcript, steps }: Stage): Promise<string> {
  const at = performance.now()
  const { id, number, title } = world.trigger()
  transcript.tell('pagerduty', `#${number} ${title}`)
  const delivery = await steps.wait({ name: 'the webhook', expected: 'a 202 within 5 s', withinMs: 5_000 }, () =>
    world.pagerduty.deliveries.find(
      ({ incidentId, eventType }) => incidentId === id && eventType === 'incident.triggered',
    ),
  )
  steps.require({ name: 'the webhook', expected: 'a 202' }, delivery.status === 202, String(delivery.status))
  transcript.tell('pagerduty', `webhook → 202 in ${Math.round(delivery.durationMs)} ms`)
  await steps.wait(
    { name: 'the first post', expected: 'a message in the channel within 3 s', withinMs: 3_000 },
    slack.card,
  )
  transcript.tell('', `(first post ${Math.round(performance.now() - at)} ms after the page went off)`)
  return id
}

/** What is still on its way belongs before the summary. */
export async function slackIsQuiet({ slack, steps }: Stage): Promise<void> {
  const step = { name: 'the end of the story', expected: 'that Slack falls quiet within 10 s', withinMs: 10_000 }
  await steps.wait(step, () => (slack.quietMs() > 800 ? true : undefined))
}
