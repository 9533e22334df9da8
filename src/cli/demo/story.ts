import type { BotProcess } from './bot-process.ts'

/** A step of the story did not come out. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure'
  readonly step: string
  readonly expected: string
  readonly why: string

  constructor(step: string, expected: string, why: string) {
    super(`${step}: expected ${expected}; ${why}`)
    this.step = step
    this.expected = expected
    this.why = why
  }
}

/** Somebody pressed Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

interface Step {
  /** "the webhook is accepted" */
  readonly name: string
  /** "202 within 5 s" */
  readonly expected: string
  readonly withinMs: number
}

export interface Steps {
  /** Waits until `read` gives something and resolves with it. Rejects with `StepFailure` at the deadline, or when the bot is gone. */
  wait<T>(step: Step, read: () => T | undefined): Promise<T>
  /** Rejects with `StepFailure` unless it holds. */
  require(step: Omit<Step, 'withinMs'>, holds: boolean, seen: string): void
}

const POLL_MS = 20

export function createSteps(bot: BotProcess, interrupted: AbortSignal): Steps {
  let gone = false
  void bot.ended.finally(() => {
    gone = true
  })
  return {
    async wait({ name, expected, withinMs }, read) {
      const end = Date.now() + withinMs
      for (;;) {
        if (interrupted.aborted) throw new Interrupted()
        const value = read()
        if (value !== undefined) return value
        if (gone) throw new StepFailure(name, expected, 'the bot ended instead')
        if (Date.now() > end) throw new StepFailure(name, expected, `it did not come within ${withinMs / 1_000} s`)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
    require({ name, expected }, holds, seen) {
      if (!holds) throw new StepFailure(name, expected, `what came is: ${seen}`)
    },
  }
}
