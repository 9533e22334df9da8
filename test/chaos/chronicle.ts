/** One thing that happened, as seen from outside the bot. */
interface Line {
  readonly at: number
  /** PagerDuty's incident or the workload that it is about; absent for what concerns all, such as a kill. */
  readonly about: string | undefined
  readonly text: string
}

/** What happened around one bot, in order, so that a violation can be told as a story. */
export interface Chronicle {
  note(about: string | undefined, text: string): void
  /** The story of one incident, kills included, as text; at most the last `limit` lines. */
  storyOf(about: string, limit?: number): string
}

export function createChronicle(name: string, startedAt: number): Chronicle {
  const lines: Line[] = []
  return {
    note(about, text) {
      lines.push({ at: Date.now(), about, text })
    },
    storyOf(about, limit = 70) {
      const mine = lines.filter((line) => line.about === about || line.about === undefined)
      const first = mine.findIndex((line) => line.about === about)
      return mine
        .slice(Math.max(0, first - 1))
        .slice(-limit)
        .map(({ at, text }) => `  ${name} ${((at - startedAt) / 1000).toFixed(3).padStart(8)} s  ${text}`)
        .join('\n')
    },
  }
}
