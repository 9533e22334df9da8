import { people, type TrafficSurgeFacts, type TrafficSurgeWorld } from '../../sandbox/world/index.ts'
import { pageGoesOff, type Stage, slackIsQuiet } from './stage.ts'
import { compareSurge } from './traffic-surge-comparison.ts'

interface SurgeStage extends Stage {
  readonly world: TrafficSurgeWorld
}

/** Nobody needs to wait for a quarter of an hour. */
const FAST = 60
const WORLD_MINUTE_MS = 60_000 / FAST
const SHARES = [0.1, 0.25, 0.5, 0.75, 1]
/** A check says what is typical of ten minutes. */
const CALM_MINUTES = 10

/** The second incident from the page to the diagnosis that it is over. Rejects with `StepFailure` at the first step that does not come out. */
export async function playTrafficSurge(stage: SurgeStage): Promise<void> {
  const incidentId = await pageGoesOff(stage)
  const truth = stage.world.facts
  const diagnosis = await diagnosisIsPosted(stage)
  await noteIsWritten(stage, incidentId)
  await followAdvice(stage, diagnosis)
  await askAgain(stage)
  await slackIsQuiet(stage)
  sumUp(stage, truth, diagnosis)
}

async function diagnosisIsPosted({ slack, steps }: SurgeStage): Promise<readonly string[]> {
  const step = {
    name: 'the diagnosis',
    expected: 'that nodes die at the memory ceiling, within 15 s',
    withinMs: 15_000,
  }
  const card = await steps.wait(step, () => {
    const now = slack.card()
    return now?.lines.some((line) => line.includes('memory ceiling')) ? now : undefined
  })
  await steps.wait(
    { name: 'the chart', expected: 'a picture in the thread within 10 s', withinMs: 10_000 },
    () => slack.charts[0],
  )
  return card.lines
}

async function noteIsWritten({ world, steps }: SurgeStage, incidentId: string): Promise<void> {
  await steps.wait(
    { name: 'the PagerDuty note', expected: 'the diagnosis within 10 s', withinMs: 10_000 },
    () => world.pagerduty.notes(incidentId)[0],
  )
}

/** What the bot cannot do itself: the engineer brings up as many replicas as it says, out of rotation, and shifts the traffic. */
async function followAdvice({ world, transcript, steps }: SurgeStage, diagnosis: readonly string[]): Promise<void> {
  const advice = /Bring up (\d+) replicas out of rotation/.exec(diagnosis.join('\n'))
  const replicas = Number(advice?.[1])
  steps.require({ name: 'the advice', expected: 'how many replicas to bring up' }, replicas > 0, diagnosis.join('\n'))
  const engineer = people.approver.realName
  transcript.tell(engineer, `brings up ${replicas} replicas out of rotation, as advised`)
  transcript.tell('world', `(from here it runs ${FAST} times as fast, so that you need not wait)`)
  world.run(FAST)
  world.addOutOfRotation(replicas)
  await steps.wait(
    { name: 'the replicas out of rotation', expected: `${replicas} of them within 15 s`, withinMs: 15_000 },
    () => (world.ready === replicas ? true : undefined),
  )
  transcript.tell('world', `${replicas} are up without traffic; in rotation it is as before: ${state(world.facts)}`)
  for (const share of SHARES) {
    world.shift(share)
    await passes(2 * WORLD_MINUTE_MS)
    transcript.tell(engineer, `shifts ${Math.round(share * 100)} % of the traffic: ${state(world.facts)}`)
  }
  const { needed } = world.facts
  await steps.wait(
    { name: 'the recovery', expected: `${needed} of the old replicas up within 20 s`, withinMs: 20_000 },
    () => (world.facts.up >= needed ? true : undefined),
  )
  transcript.tell('world', `the old ones, left in peace, have come back: ${state(world.facts)}`)
  await passes(CALM_MINUTES * WORLD_MINUTE_MS)
  world.run(1)
  const { errorShare } = world.facts
  steps.require({ name: 'the recovery', expected: 'hardly any errors' }, errorShare < 0.01, state(world.facts))
}

async function askAgain({ world, slack, transcript, steps }: SurgeStage): Promise<void> {
  const before = slack.cards().length
  const text = `diagnose ${world.service}`
  transcript.tell(people.approver.realName, `types /inc ${text}, a quarter of an hour later by the world’s clock`)
  await world.slack.command({ user: people.approver.id, channel: world.channel, command: '/inc', text })
  const step = { name: 'the second diagnosis', expected: 'that it carries its traffic, within 15 s', withinMs: 15_000 }
  await steps.wait(step, () =>
    slack
      .cards()
      .slice(before)
      .find(({ lines }) => lines.some((line) => line.includes('carries its traffic'))),
  )
}

function sumUp(
  { world, transcript, steps }: SurgeStage,
  before: TrafficSurgeFacts,
  diagnosis: readonly string[],
): void {
  const after = world.facts
  transcript.heading('What changed')
  for (const [what, was, is] of [
    ['requests that fail', share(before.errorShare), share(after.errorShare)],
    ['replicas up', `${before.up} of ${before.needed}`, `${after.up} of ${after.needed}, and ${world.ready} more`],
    ['requests/s', String(Math.round(before.rps)), `${Math.round(after.rps)}, now carried`],
  ] as const) {
    transcript.plain(`  ${what.padEnd(20)}${was} → ${is}`)
  }
  transcript.heading('What the bot said, against the truth of the simulation')
  const compared = compareSurge(diagnosis, before)
  for (const { what, truth, said, holds } of compared) {
    transcript.plain(
      `  ${holds ? 'ok ' : 'OFF'} ${what.padEnd(26)} truth ${truth.padEnd(12)} said ${said ?? 'nothing'}`,
    )
  }
  for (const { what, truth, said, holds } of compared)
    steps.require({ name: `the diagnosis, ${what}`, expected: truth }, holds, said ?? 'nothing')
}

function state({ up, needed, errorShare }: TrafficSurgeFacts): string {
  return `${up} of ${needed} up, ${share(errorShare)} of the requests fail`
}

function share(value: number): string {
  return `${value < 0.01 ? (value * 100).toFixed(2) : Math.round(value * 100)} %`
}

function passes(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
