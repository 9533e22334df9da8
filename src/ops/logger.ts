import { pino } from 'pino'
import type { Logger } from '../pipeline/ports.ts'
import { createScrub } from './scrub.ts'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

export interface LoggerOptions {
  readonly level: LogLevel
  /** Values that must never be seen in a log. */
  readonly secrets: readonly string[]
  /** Where lines go; standard output where absent. */
  readonly destination?: { write(line: string): unknown }
}

/** One JSON object per line, with the time in ISO 8601 and the level in words. Written before the call returns, so that a crash loses no line. */
export function createLogger({ level, secrets, destination }: LoggerOptions): Logger {
  const out = destination ?? pino.destination({ dest: 1, sync: true })
  const scrub = createScrub(secrets)
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => void out.write(scrub.line(line)) },
  )
}
