import type { Logger } from '../../src/pipeline/ports.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** A log that is read by the test. */
export function aLog(): Logger & { readonly lines: readonly LogLine[]; messages(level?: LogLine['level']): string[] } {
  const lines: LogLine[] = []
  const at = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message })
  }
  return {
    lines,
    messages: (level) => lines.filter((line) => level === undefined || line.level === level).map((one) => one.message),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}
