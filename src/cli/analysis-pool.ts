import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { analyzeMemory, type MemorySeries, type MemoryVerdict } from '../analysis/memory/index.ts'
import { type Answers, buffersOf, pack } from './analysis-message.ts'

/** Analyses many series at once without holding up the process that asks. */
export interface AnalysisPool {
  /** The verdict on one series; asking again before the first answer is what lets them run side by side. */
  readonly analyze: (series: MemorySeries) => Promise<MemoryVerdict>
  /** Verdicts in the order of the series. Rejects where a thread died over the same series twice. */
  readonly analyzeMany: (series: readonly MemorySeries[]) => Promise<readonly MemoryVerdict[]>
  /** Ends the threads; what they had in hand is rejected. */
  readonly close: () => Promise<void>
}

/** Up to so many waiting series are done here, one per turn of the event loop: threads would take longer to start. */
const FEW = 64
/** More threads than this mostly wait for memory. */
const MOST_THREADS = 4
/** Series per message, so that handing over costs little and the last thread is not waited for long. */
const SERIES_PER_MESSAGE = 8
/** Threads with nothing to do for this long end. */
const IDLE_MS = 5_000
/** A series over which a thread died is tried on another one, alone; then it is given up. */
const MOST_ATTEMPTS = 2

interface Task {
  readonly series: MemorySeries
  readonly resolve: (verdict: MemoryVerdict) => void
  readonly reject: (error: Error) => void
  attempts: number
}

interface Thread {
  readonly worker: Worker
  inHand: readonly Task[]
}

/** Threads start with the first crowd of series. `script` is the module that each runs, compiled: threads cannot read TypeScript. */
export function createAnalysisPool({
  script = new URL('./analysis-worker.js', import.meta.url),
  most = Math.min(MOST_THREADS, availableParallelism()),
}: {
  readonly script?: URL
  readonly most?: number
} = {}): AnalysisPool {
  const waiting: Task[] = []
  const threads = new Set<Thread>()
  let turn: NodeJS.Immediate | undefined
  let idle: NodeJS.Timeout | undefined

  const plan = () => {
    turn ??= setImmediate(() => {
      turn = undefined
      if (waiting.length > FEW || threads.size > 0 || waiting.some(({ attempts }) => attempts > 0)) handOut()
      else doOneHere()
    })
  }

  const doOneHere = () => {
    const task = waiting.shift()
    if (!task) return
    task.resolve(analyzeMemory(task.series))
    if (waiting.length > 0) plan()
  }

  const handOut = () => {
    clearTimeout(idle)
    for (const thread of threads) {
      if (thread.inHand.length === 0) give(thread, waiting.splice(0, sizeOfNext(waiting)))
    }
    if (waiting.length > 0 && threads.size < most) {
      // One per turn, because each takes milliseconds to start.
      give(start(), waiting.splice(0, sizeOfNext(waiting)))
      plan()
    }
    if ([...threads].every(({ inHand }) => inHand.length === 0)) idle = setTimeout(() => void end(), IDLE_MS).unref()
  }

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(script), inHand: [] }
    let cause: unknown
    thread.worker
      .on('message', (answers: Answers) => {
        const done = thread.inHand
        rest(thread)
        done.forEach((task, i) => {
          const verdict = answers[i]
          if (verdict) task.resolve(verdict)
          else task.reject(new Error('A thread of the analysis left a series unanswered. This is a bug of incbot.'))
        })
        handOut()
      })
      .on('error', (error) => {
        cause = error
      })
      .on('exit', (code) => {
        threads.delete(thread)
        const lost = thread.inHand.filter((task) => !givenUp(task, cause ?? `exit code ${code}`))
        waiting.unshift(...lost)
        if (waiting.length > 0) plan()
      })
    threads.add(thread)
    return thread
  }

  const end = async () => {
    clearTimeout(idle)
    const ending = [...threads]
    threads.clear()
    await Promise.all(ending.map(({ worker }) => worker.terminate()))
  }

  const analyze = (series: MemorySeries) =>
    new Promise<MemoryVerdict>((resolve, reject) => {
      waiting.push({ series, resolve, reject, attempts: 0 })
      plan()
    })

  return {
    analyze,
    analyzeMany: (series) => Promise.all(series.map(analyze)),
    close: async () => {
      clearImmediate(turn)
      const open = [...waiting.splice(0), ...[...threads].flatMap(({ inHand }) => inHand)]
      for (const thread of threads) thread.inHand = []
      for (const { reject } of open) reject(new Error('The analysis was ended before this series had its turn.'))
      await end()
    },
  }
}

function give(thread: Thread, tasks: readonly Task[]): void {
  if (tasks.length === 0) return
  thread.inHand = tasks
  thread.worker.ref()
  const packed = tasks.map(({ series }) => pack(series))
  thread.worker.postMessage(packed, packed.flatMap(buffersOf))
}

/** A thread without work does not keep the process alive. */
function rest(thread: Thread): void {
  thread.inHand = []
  thread.worker.unref()
}

/** A series that has seen a thread die goes alone, so that it takes no others with it. */
function sizeOfNext(waiting: readonly Task[]): number {
  const suspect = waiting.findIndex(({ attempts }) => attempts > 0)
  if (suspect === 0) return 1
  return Math.min(SERIES_PER_MESSAGE, suspect < 0 ? waiting.length : suspect)
}

function givenUp(task: Task, cause: unknown): boolean {
  task.attempts++
  if (task.attempts < MOST_ATTEMPTS) return false
  const reason = cause instanceof Error ? cause.message : String(cause)
  task.reject(new Error(`Two threads died over this series (${reason}). It was left out; analyse it on its own.`))
  return true
}
