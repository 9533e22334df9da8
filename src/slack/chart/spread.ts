export interface Item {
  /** Where the middle of the item should be. */
  readonly at: number
  /** How much room it takes along the line. */
  readonly size: number
  /** How dearly it holds its place against its neighbours. */
  readonly weight: number
}

interface Block {
  readonly count: number
  readonly weight: number
  readonly mean: number
}

/**
 * Middles for items along a line so that none overlap and the weighted squared displacement is least: isotonic regression by pooling
 * adjacent violators (Barlow et al., 1972) on the places less the room that the items before need. Answers in the order of `items`.
 * When all together need more than `low`..`high`, they run over `high`.
 */
export function spread(items: readonly Item[], low: number, high: number): readonly number[] {
  const order = items.map((item, index) => ({ item, index })).sort((a, b) => a.item.at - b.item.at)
  const offsets: number[] = []
  let room = 0
  for (const { item } of order) {
    offsets.push(room + item.size / 2)
    room += item.size
  }
  const blocks = pool(
    order.map(({ item }, rank) => ({ count: 1, weight: item.weight, mean: item.at - (offsets[rank] ?? 0) })),
  )
  const starts = blocks.flatMap((block) => Array<number>(block.count).fill(block.mean))
  const middles = Array<number>(items.length).fill(0)
  for (const [rank, { index }] of order.entries()) {
    const start = Math.max(low, Math.min(high - room, starts[rank] ?? low))
    middles[index] = start + (offsets[rank] ?? 0)
  }
  return middles
}

function pool(singles: readonly Block[]): readonly Block[] {
  const blocks: Block[] = []
  for (const single of singles) {
    let block = single
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      blocks.pop()
      const weight = last.weight + block.weight
      block = {
        count: last.count + block.count,
        weight,
        mean: (last.mean * last.weight + block.mean * block.weight) / weight,
      }
    }
    blocks.push(block)
  }
  return blocks
}
