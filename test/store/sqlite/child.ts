import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const LOADER = fileURLToPath(new URL('../../typescript-loader.mjs', import.meta.url))

/** `node` and its arguments to run a TypeScript file, given as a URL, as a process of its own. */
export function typescriptCommand(file: URL, ...values: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, '--no-warnings', '--import', LOADER, fileURLToPath(file), ...values]
}

export interface Child {
  readonly process: ChildProcess
  /** What it has printed so far. */
  readonly output: () => string
  /** Resolves with its exit code, undefined when a signal ended it, once all it printed has been read. */
  readonly ended: Promise<number | undefined>
  /** Resolves when it has printed `text`; rejects with all that it printed when it ends before. */
  readonly printed: (text: string) => Promise<void>
}

export function start([command, ...values]: readonly [string, ...string[]]): Child {
  // Whatever becomes of the test, nothing that it started stays behind.
  const child = spawn(command, values, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL' })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const ended = once(child, 'close').then(() => child.exitCode ?? undefined)
  return {
    process: child,
    output: () => output,
    ended,
    printed: async (text) => {
      let over = false
      void ended.then(() => {
        over = true
      })
      while (!output.includes(text)) {
        if (over) throw new Error(`The process ended without printing "${text}":\n${output}\n${errors}`)
        await Promise.race([once(child.stdout, 'data'), ended])
      }
    },
  }
}
