import type { ModelServingFacts, ModelServingWorld } from '../../sandbox/world/index.ts'
import { people } from '../../sandbox/world/index.ts'
import { compare, gigabytes } from './comparison.ts'
import { pageGoesOff, type Stage, slackIsQuiet } from './stage.ts'
import type { Steps } from './story.ts'

/** The stage with the world of the first incident. */
export interface ModelServingStage extends Stage {
  readonly world: ModelServingWorld
}

/** The first incident from the page to the proof that the fix held. Rejects with `StepFailure` at the first step that does not come out. */
export async function playModelServing(stage: ModelServingStage): Promise<void> {
  const incidentId = await pageGoesOff(stage)
  const truth = stage.world.facts
  const diagnosis = await diagnosisIsPosted(stage)
  await wrongPersonPresses(stage)
  await freeze(stage)
  await restart(stage)
  await noteIsWritten(stage, incidentId)
  await slackIsQuiet(stage)
  sumUp(stage, truth, diagnosis)
}

async function diagnosisIsPosted({ slack, steps }: ModelServingStage): Promise<readonly string[]> {
  const step = {
    name: 'the diagnosis',
    expected: 'a card with the buttons “Freeze …” and “Restart …” within 15 s',
    withinMs: 15_000,
  }
  const card = await steps.wait(step, () => {
    const now = slack.card()
    return now?.buttons.some(isFreeze) && now.buttons.some(isRestart) ? now : undefined
  })
  await steps.wait(
    { name: 'the chart', expected: 'a picture in the thread within 10 s', withinMs: 10_000 },
    () => slack.charts[0],
  )
  return card.lines
}

async function wrongPersonPresses(stage: ModelServingStage): Promise<void> {
  const { world, steps } = stage
  const before = world.slack.ephemerals.length
  await press(stage, people.bystander, isFreeze)
  const refusal = await steps.wait(
    { name: 'the refusal', expected: 'a word to the one who may not, within 5 s', withinMs: 5_000 },
    () => world.slack.ephemerals.slice(before).find(({ user }) => user === people.bystander.id),
  )
  steps.require(
    { name: 'the refusal', expected: 'that it says who may' },
    refusal.text.includes(people.approver.id),
    refusal.text,
  )
}

async function freeze(stage: ModelServingStage): Promise<void> {
  const { world, transcript, steps } = stage
  const before = world.facts.levelBytes
  await press(stage, people.approver, isFreeze)
  await cardLine(
    stage,
    { name: 'the freeze', expected: '✅ on the card within 10 s', withinMs: 10_000 },
    /✅ .*[Ff]reeze/,
  )
  transcript.tell('registry', 'the data scientists deploy the next version …')
  const { result, gate, reason } = await world.registry.deploy()
  steps.require(
    { name: 'the gate', expected: 'a refusal' },
    result === 'refused',
    `${result}, gate ${gate} ${reason ?? ''}`,
  )
  steps.require(
    { name: 'the gate', expected: 'memory as before' },
    world.facts.levelBytes === before,
    gigabytes(world.facts.levelBytes),
  )
}

async function restart(stage: ModelServingStage): Promise<void> {
  const { world, steps } = stage
  await press(stage, people.approver, isRestart)
  await cardLine(
    stage,
    { name: 'the restart', expected: '✅ on the card within 30 s', withinMs: 30_000 },
    /✅ .*Restart/,
  )
  const said = await cardLine(
    stage,
    { name: 'the verification', expected: '📊 with before → after on the card within 15 s', withinMs: 15_000 },
    /📊 .*→/,
  )
  const { pod, levelBytes } = world.facts
  steps.require(
    { name: 'the restart', expected: 'every pod below 9 GB' },
    levelBytes < 9e9,
    `${pod} at ${gigabytes(levelBytes)}`,
  )
  steps.require(
    { name: 'the verification', expected: 'that it says how memory fell, such as “memory 31.2 GB → 8 GB”' },
    /memory [\d.]+ GB → [\d.]+ GB/.test(said.replace(/memory after[^,]*/, '')),
    said,
  )
}

async function noteIsWritten({ world, transcript, steps }: ModelServingStage, incidentId: string): Promise<void> {
  const notes = await steps.wait(
    { name: 'the PagerDuty notes', expected: 'the diagnosis and two outcomes within 10 s', withinMs: 10_000 },
    () => (world.pagerduty.notes(incidentId).length >= 3 ? world.pagerduty.notes(incidentId) : undefined),
  )
  for (const { content } of notes) {
    const lines = content.split('\n')
    const shown = lines.length > 4 ? [...lines.slice(0, 3), `… ${lines.length - 3} more lines`] : lines
    transcript.quote('pagerduty', ['note:', ...shown])
  }
}

function sumUp(
  { world, transcript, steps }: ModelServingStage,
  before: ModelServingFacts,
  diagnosis: readonly string[],
): void {
  const after = world.facts
  const rows = [
    [
      'fullest pod',
      `${before.pod} at ${gigabytes(before.levelBytes)}`,
      `${after.pod} at ${gigabytes(after.levelBytes)}`,
    ],
    [
      'resident there',
      `${before.residentVersions} versions`,
      `${after.residentVersions} (the cache may hold ${after.cacheMaxSize})`,
    ],
    ['deploys', 'every 5 minutes', 'refused until the freeze ends or is lifted'],
  ]
  transcript.heading('What changed')
  for (const [what = '', was, is] of rows) transcript.plain(`  ${what.padEnd(16)}${was} → ${is}`)
  transcript.heading('What the bot said, against the truth of the simulation')
  const compared = compare(diagnosis, before)
  for (const { what, truth, said, holds } of compared) {
    transcript.plain(
      `  ${holds ? 'ok ' : 'OFF'} ${what.padEnd(32)} truth ${truth.padEnd(12)} said ${said ?? 'nothing'}`,
    )
  }
  const advice = diagnosis.find((line) => line.startsWith('Now:')) ?? ''
  const inOrder = /freeze.*restart/is.test(advice)
  transcript.plain(
    `  ${inOrder ? 'ok ' : 'OFF'} ${'freeze first, then restart'.padEnd(32)} said ${advice || 'nothing'}`,
  )
  for (const { what, truth, said, holds } of compared)
    steps.require({ name: `the diagnosis, ${what}`, expected: truth }, holds, said ?? 'nothing')
  steps.require({ name: 'the advice', expected: 'to freeze deploys, then restart' }, inOrder, advice || 'nothing')
}

type Button = { readonly label: string; readonly actionId: string }
const isFreeze = ({ label }: Button): boolean => /freeze/i.test(label)
const isRestart = ({ label }: Button): boolean => /restart/i.test(label)

async function press(
  { world, slack, transcript, steps }: ModelServingStage,
  person: { readonly id: string; readonly realName: string },
  which: (button: Button) => boolean,
): Promise<void> {
  const step = { name: 'the button', expected: 'that it is there', withinMs: 5_000 }
  const { ts, button } = await steps.wait(step, () => {
    const card = slack.card()
    const found = card?.buttons.find(which)
    return card && found && { ts: card.ts, button: found }
  })
  transcript.tell(person.realName, `presses [ ${button.label} ]`)
  const click = { user: person.id, channel: world.channel, ts, actionId: button.actionId }
  const { status, ackMs, failure } = await world.slack.click(click)
  steps.require(
    { name: `pressing ${button.label}`, expected: 'an acknowledgement within 3 s' },
    failure === undefined,
    `${failure ?? ''} ${status ?? 'no answer'} after ${Math.round(ackMs)} ms`,
  )
}

async function cardLine(
  { slack, steps }: ModelServingStage,
  step: Parameters<Steps['wait']>[0],
  line: RegExp,
): Promise<string> {
  return steps.wait(step, () => slack.card()?.lines.find((one) => line.test(one)))
}
