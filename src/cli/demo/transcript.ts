import { performance } from 'node:perf_hooks'

/** A story as it is told: each line with its time since the start and with who acts or speaks. */
export interface Transcript {
  /** Seconds since the start. */
  seconds(): number
  /** Several lines stand below each other; `who` stands at the first. */
  tell(who: string, text: string): void
  /** Lines as they are, such as a message, set off from the rest. */
  quote(who: string, lines: readonly string[]): void
  heading(text: string): void
  plain(text: string): void
}

const WHO = 10

export function createTranscript(out: { write(text: string): unknown }): Transcript {
  const started = performance.now()
  const seconds = (): number => (performance.now() - started) / 1_000
  const write = (who: string, lines: readonly string[], mark: string): void => {
    const time = `${seconds().toFixed(1).padStart(5)} s`
    lines.forEach((line, index) => {
      const margin = index === 0 ? `${time}  ${who.padEnd(WHO)}` : ' '.repeat(time.length + 2 + WHO)
      out.write(`${margin} ${mark}${line}\n`.replace(/ +\n$/, '\n'))
    })
  }
  return {
    seconds,
    tell: (who, text) => write(who, text.split('\n'), ''),
    quote: (who, lines) => write(who, lines, '│ '),
    heading: (text) => void out.write(`\n${text}\n\n`),
    plain: (text) => void out.write(`${text}\n`),
  }
}
