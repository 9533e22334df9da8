/** Titles and labels come from outside, up to a thousand characters long: with these limits the worst pattern takes about a second. */
const LONGEST = 200
const MOST_REPETITIONS = 2
const MOST_OPTIONALS = 8

const REPETITION = /[*+]|\{\d+(?:,\d*)?\}/

/** Why an expression is not used for matching text from outside: it does not compile, or some text could keep it busy for minutes. */
export function regexProblem(pattern: string): string | undefined {
  if (pattern.length > LONGEST) return `is a regular expression of ${pattern.length} characters; at most ${LONGEST}`
  try {
    new RegExp(pattern)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : String(error)
    return `is not a regular expression: ${reason}`
  }
  const plain = pattern.replace(/\\[^1-9k]|\[(?:\\.|[^\]\\])*\]/g, 'x').replace(/\(\?(?:<\w+>|[:=!]|<[=!])/g, '(')
  if (/\\[1-9k]/.test(plain)) return `refers back to a group, ${SLOW}`
  if (repeatsARepetition(plain)) return `repeats a group that holds a repetition, an option or a choice, ${SLOW}`
  const repetitions = count(plain, /[*+]|\{\d+,\d*\}/g)
  if (repetitions > MOST_REPETITIONS)
    return `has ${repetitions} open repetitions (*, +) of at most ${MOST_REPETITIONS}, ${SLOW}`
  const optionals = count(plain, /(?<![*+?}])\?/g)
  if (optionals > MOST_OPTIONALS) return `has ${optionals} optional parts (?) of at most ${MOST_OPTIONALS}, ${SLOW}`
  return undefined
}

const SLOW = 'which can take too long on some titles'

/** `(a+)+`, `(a|b)*`, `((ab)*c){2,}`: `plain` has neither escapes nor character classes. */
function repeatsARepetition(plain: string): boolean {
  const groups: { risky: boolean }[] = []
  for (let index = 0; index < plain.length; index += 1) {
    const rest = plain.slice(index)
    if (rest.startsWith('(')) groups.push({ risky: false })
    else if (rest.startsWith(')')) {
      const risky = groups.pop()?.risky ?? false
      if (risky && rest.slice(1).search(REPETITION) === 0) return true
      markRisky(groups, risky)
    } else markRisky(groups, /^[|?]/.test(rest) || rest.search(REPETITION) === 0)
  }
  return false
}

function markRisky(groups: readonly { risky: boolean }[], risky: boolean): void {
  const innermost = groups.at(-1)
  if (risky && innermost !== undefined) innermost.risky = true
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
