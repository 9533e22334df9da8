import type { CST } from 'yaml'

/** An honest runbook or catalogue is nested about ten levels deep. */
export const MAXIMUM_DEPTH = 64

/** How deep a parsed text is nested; stops counting above `MAXIMUM_DEPTH`. The parser of the yaml package keeps a stack of its own, so any text is safe there. */
export function nestingDepth(tokens: readonly CST.Token[]): number {
  let deepest = 0
  for (const document of tokens) {
    const open: [CST.Token | null | undefined, number][] = [[document, 0]]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [token, depth] = next
      deepest = Math.max(deepest, depth)
      if (deepest > MAXIMUM_DEPTH) return deepest
      for (const inner of innerTokens(token)) open.push([inner, depth + 1])
    }
  }
  return deepest
}

function innerTokens(token: CST.Token | null | undefined): (CST.Token | null | undefined)[] {
  if (token?.type === 'document') return [token.value]
  if (token?.type !== 'block-map' && token?.type !== 'block-seq' && token?.type !== 'flow-collection') return []
  return token.items.flatMap((item) => [item.key, item.value])
}
