import { distance } from 'fastest-levenshtein'

/** At most three names that somebody may have meant, the nearest first. Names that begin with the word come before others. */
export function nearest(word: string, names: readonly string[]): readonly string[] {
  const wanted = word.toLowerCase().slice(0, 100)
  return names
    .map((name) => ({ name, slips: slips(wanted, name.toLowerCase()) }))
    .filter(({ name, slips: count }) => count <= Math.max(2, Math.floor(Math.max(wanted.length, name.length) / 3)))
    .sort((left, right) => left.slips - right.slips || left.name.localeCompare(right.name))
    .slice(0, 3)
    .map(({ name }) => name)
}

function slips(wanted: string, name: string): number {
  return wanted.length >= 2 && name.startsWith(wanted) ? 0 : distance(wanted, name)
}
