/** Where in a document something stands; list indices are numbers. */
export type Path = readonly (string | number)[]

/** Both count from 1, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Something wrong in a file that a person wrote, said so that they can correct it without asking. */
export interface Problem extends Position {
  readonly file: string
  /** "services.inference.workloads[0].cluster"; empty for the file as a whole. */
  readonly path: string
  /** What is wrong, with what was expected and what stands there. Never a secret. */
  readonly message: string
  readonly expected?: string
  /** The nearest thing that would have been right. */
  readonly didYouMean?: string
  /** What to do, as a sentence. */
  readonly fix?: string
}

/** `incbot.yaml:14:7  services.inference.mode: expected one of observe, propose, act, got "atc". Did you mean "act"?` */
export function formatProblem(problem: Problem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}  `
  const path = problem.path === '' ? '' : `${problem.path}: `
  const guess = problem.didYouMean === undefined ? '' : `. Did you mean "${problem.didYouMean}"?`
  const fix = problem.fix === undefined ? '' : `${guess === '' ? '.' : ''} ${problem.fix}`
  return `${where}${path}${problem.message}${guess}${fix}`
}

/** "workloads[0].cluster"; a key that would not read as one word is quoted. */
export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (!/^[\w-]+$/.test(step)) text += `[${JSON.stringify(shorten(step))}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/** In the order in which a person reads the files. */
export function inReadingOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.path, b.path),
  )
}

/** A value as it may be repeated in a message: short, on one line, without the password of a URL. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`
  if (typeof value !== 'string') return 'something else'
  return JSON.stringify(shorten(value.replace(/\/\/[^/@\s]*@/, '//…@')))
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
