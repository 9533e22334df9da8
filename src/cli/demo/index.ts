import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { approverGroup, people } from '../../sandbox/world/index.ts'
import { startBotProcess } from './bot-process.ts'
import type { Story } from './cast.ts'
import { tellAddresses } from './look-around.ts'
import { modelServingStory } from './model-serving-story.ts'
import { watchSlack } from './slack-window.ts'
import { createSteps, Interrupted, StepFailure } from './story.ts'
import { trafficSurgeStory } from './traffic-surge-story.ts'
import { createTranscript, type Transcript } from './transcript.ts'

export interface DemoOptions {
  /** Leave after the story instead of staying for a look around. */
  readonly once: boolean
  readonly story?: string
}

/** `process`, or something like it. */
export interface DemoIo {
  readonly stdout: { write(text: string): unknown }
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

const STORIES: readonly Story[] = [modelServingStory, trafficSurgeStory]
/** In reality two minutes; here the pods are back within seconds. */
const VERIFY_AFTER = '3s'

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url))
const RUNBOOKS = fileURLToPath(new URL('../../../runbooks', import.meta.url))

/**
 * Plays an incident with the real bot, as a process of its own, against the sandbox. Resolves with the exit code: 0 when every step came
 * out, 1 when one did not, 2 for a story that does not exist, 130 when it was interrupted in the middle.
 */
export async function demo({ once, story: wanted = 'model-serving' }: DemoOptions, io: DemoIo): Promise<number> {
  const transcript = createTranscript(io.stdout)
  const story = STORIES.find(({ name }) => name === wanted)
  if (story === undefined) {
    transcript.plain(`There is no story “${wanted}”. There are: ${STORIES.map(({ name }) => name).join(', ')}.`)
    return 2
  }
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  // Kept until the end: under npm one Ctrl-C arrives twice, and the second must not cut off the cleaning up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) io.on(signal, interrupt)
  const cleanUp: (() => Promise<void>)[] = []
  const directory = await mkdtemp(join(tmpdir(), 'incbot-demo-'))
  try {
    return await play({ once, story, transcript, directory, cleanUp, interrupted: interruption.signal })
  } catch (error) {
    return explain(transcript, interruption.signal.aborted ? new Interrupted() : error, join(directory, 'bot.log'))
  } finally {
    for (const undo of cleanUp.reverse()) await undo()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) io.off(signal, interrupt)
    transcript.plain(`Everything is stopped. The files of this run are in ${directory}.`)
  }
}

interface Run {
  readonly once: boolean
  readonly story: Story
  readonly transcript: Transcript
  readonly directory: string
  readonly cleanUp: (() => Promise<void>)[]
  readonly interrupted: AbortSignal
}

async function play({ once, story, transcript, directory, cleanUp, interrupted }: Run): Promise<number> {
  transcript.tell(
    'demo',
    'The real bot against a simulated incident. Everything runs on this machine; nothing leaves it.',
  )
  transcript.tell('world', `starting Slack, PagerDuty, Kubernetes and Prometheus stand-ins, and ${story.past} …`)
  const cast = await story.open()
  const { world } = cast
  cleanUp.push(() => world.stop())
  cast.tellSituation(transcript)

  const runbooks = await copyRunbook(story.runbook, directory)
  const files = await world.writeBotFiles(directory, { runbooks })
  transcript.tell(
    'bot',
    `its files: ${directory} (runbook with verifyAfter: ${VERIFY_AFTER}, so that you need not wait)`,
  )
  const starting = performance.now()
  const bot = await startBotProcess({ main: MAIN, env: files.env, logFile: join(directory, 'bot.log') })
  cleanUp.push(() => bot.stop())
  transcript.tell(
    'bot',
    `process ${bot.pid} is ready after ${Math.round(performance.now() - starting)} ms at ${bot.url}`,
  )
  if (interrupted.aborted) throw new Interrupted()

  cast.tellEvents(transcript)
  const names = Object.fromEntries([
    ...Object.values(people).map(({ id, name }) => [id, name]),
    [approverGroup, 'ml-platform'],
  ])
  const slack = watchSlack({ slack: world.slack, channel: world.channel, names, directory, transcript })
  const steps = createSteps(bot, interrupted)
  await cast.play({ world, slack, transcript, steps })
  transcript.heading(`The story is over after ${Math.round(transcript.seconds())} s; every step came out.`)
  if (once) return 0

  tellAddresses(transcript, cast, files, directory)
  transcript.tell('demo', 'The bot keeps running, and the world goes on. Ctrl-C ends both.')
  const left = new Promise<'left'>((resolve) => interrupted.addEventListener('abort', () => resolve('left')))
  if (interrupted.aborted || (await Promise.race([left, bot.ended])) === 'left') return 0
  throw interrupted.aborted ? new Interrupted() : new Error('The bot ended by itself.')
}

/** The runbook as shipped, but for how long it waits before it measures again. Returns the folder. */
async function copyRunbook(file: string, directory: string): Promise<string> {
  const text = await readFile(join(RUNBOOKS, file), 'utf8')
  const quick = text.replace(/^verifyAfter:.*$/m, `verifyAfter: ${VERIFY_AFTER}`)
  const folder = join(directory, 'runbooks')
  await mkdir(folder)
  await writeFile(join(folder, file), quick)
  return folder
}

function explain(transcript: Transcript, error: unknown, logFile: string): number {
  if (error instanceof Interrupted) {
    transcript.plain('\nInterrupted.')
    return 130
  }
  transcript.heading('The demo FAILED.')
  if (error instanceof StepFailure) {
    transcript.plain(`  step:     ${error.step}\n  expected: ${error.expected}\n  but:      ${error.why}`)
  } else {
    transcript.plain(`  ${error instanceof Error ? error.message : String(error)}`)
  }
  transcript.plain(`  the bot’s log: ${logFile}\n`)
  return 1
}
