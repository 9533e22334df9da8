/** What remains of a name has to be this long to be recognised: "x2kqp", but not the "0" of "inference-0". */
const SHORTEST = 4

/** The names without the words that all begin with: pods of one workload differ only after the last hyphens. */
export function withoutCommonStart(names: readonly string[]): readonly string[] {
  const [first = ''] = names
  if (names.length < 2) return names
  let length = 0
  for (let end = first.indexOf('-') + 1; end > 0; end = first.indexOf('-', end) + 1) {
    if (!names.every((name) => name.startsWith(first.slice(0, end)) && name.length - end >= SHORTEST)) break
    length = end
  }
  return names.map((name) => name.slice(length))
}
