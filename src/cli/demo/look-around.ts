import type { BotFiles, ModelServingEvent, ModelServingWorld, World } from '../../sandbox/world/index.ts'
import { people } from '../../sandbox/world/index.ts'
import { gigabytes } from './comparison.ts'
import type { Transcript } from './transcript.ts'

/** What a story has to look at besides what they all have. */
export interface Sights {
  readonly places: readonly (readonly [what: string, where: string])[]
  commands(bot: BotFiles, directory: string): readonly string[]
}

/** Says where everything is and what one may try. */
export function tellAddresses(
  transcript: Transcript,
  { world, sights }: { readonly world: World; readonly sights: Sights },
  bot: BotFiles,
  directory: string,
): void {
  const lines = [
    ['the bot', `${bot.url}  (webhooks, Slack, gate)`],
    ['its health and metrics', `${bot.opsUrl}/readyz  ${bot.opsUrl}/metrics`],
    ['Slack stand-in', world.slack.url],
    ['PagerDuty stand-in', world.pagerduty.url],
    ['Prometheus stand-in', world.prometheus.url],
    ['Kubernetes stand-in', world.kubernetes.secureUrl],
    ...sights.places,
    ['files', directory],
  ]
  transcript.heading('Where everything is')
  for (const [what = '', where] of lines) transcript.plain(`  ${what.padEnd(26)}${where}`)
  transcript.heading('Try')
  for (const command of sights.commands(bot, directory)) transcript.plain(`  ${command}`)
  transcript.plain('')
}

/** Tells what the world does by itself. */
export function tellEvents(transcript: Transcript, world: ModelServingWorld): void {
  world.on((event) => transcript.tell(...describe(event)))
}

function describe(event: ModelServingEvent): [who: string, text: string] {
  switch (event.type) {
    case 'deploy': {
      const { model, version, result, reason } = event.attempt
      return ['registry', `${model} ${version}: ${result}${reason === undefined ? '' : ` · ${reason}`}`]
    }
    case 'started':
      return ['pods', `${event.pod} runs, with an empty cache`]
    case 'stopped':
      return ['pods', `${event.pod} is gone`]
    case 'out-of-memory':
      return ['pods', `${event.pod} was killed at ${gigabytes(event.bytes)}: out of memory`]
  }
}

/** The situation in two lines. */
export function tellSituation(transcript: Transcript, world: ModelServingWorld): void {
  const { pod, levelBytes, limitBytes, deploysSinceStart, wholeWindowBytesPerHour } = world.facts
  const share = ((levelBytes / limitBytes) * 100).toFixed(1)
  transcript.tell(
    'world',
    [
      `StatefulSet ml/inference-prod, 4 pods; ${pod} holds ${gigabytes(levelBytes)} of ${gigabytes(limitBytes)} (${share} %), ${gigabytes(wholeWindowBytesPerHour)}/h over six hours`,
      `${deploysSinceStart} model versions were deployed since it started. ${people.approver.realName} is on call; ${people.bystander.realName} watches.`,
    ].join('\n'),
  )
}
