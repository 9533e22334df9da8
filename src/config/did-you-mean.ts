import { distance } from 'fastest-levenshtein'

/** The candidate that a person most likely meant, or `undefined` where none is near: about one slip in three letters, and two in a short word, as swapping letters counts as two. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase().slice(0, 100)
  let best: string | undefined
  let bestDistance = Math.min(wanted.length, Math.max(2, Math.floor(wanted.length / 3)) + 1)
  for (const candidate of candidates) {
    const slips = distance(wanted, candidate.toLowerCase())
    if (slips < bestDistance) {
      best = candidate
      bestDistance = slips
    }
  }
  return best
}

/** For `Problem.didYouMean`: absent rather than undefined. */
export function guess(word: string, candidates: Iterable<string>): { readonly didYouMean?: string } {
  const didYouMean = nearest(word, candidates)
  return didYouMean === undefined ? {} : { didYouMean }
}
