import { shorten } from './text.ts'

/** The texts, cut so that together they need at most `room` characters as JSON: short ones stay whole, the longest give way first. */
export function fairShares(texts: readonly string[], room: number): readonly string[] {
  const share = shareOf(texts.map(cost), room)
  return texts.map((text) => within(text, share))
}

/** The largest cap under which all costs fit into the room. */
function shareOf(costs: readonly number[], room: number): number {
  const ascending = [...costs].sort((left, right) => left - right)
  let left = Math.max(0, room)
  for (const [index, one] of ascending.entries()) {
    const share = left / (ascending.length - index)
    if (one > share) return Math.floor(share)
    left -= one
  }
  return Number.POSITIVE_INFINITY
}

function within(text: string, share: number): string {
  let short = text
  while (cost(short) > share && short.length > 1) {
    // Quotes and line breaks cost two characters each, so one cut may not be enough.
    short = shorten(text, Math.max(1, Math.floor(short.length * Math.min(0.95, share / cost(short)))))
  }
  return short
}

/** Characters as JSON, in which Slack's limit on all blocks is counted at the most. */
function cost(text: string): number {
  return JSON.stringify(text).length - 2
}
