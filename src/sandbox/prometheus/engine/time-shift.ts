import type { TimeShift } from '../promql/ast.ts'
import type { Context } from './values.ts'

/** The time that each step looks at, after `@` and `offset`. */
export function shiftedSteps({ pinned, offsetMs = 0 }: TimeShift, context: Context): number[] {
  if (pinned === undefined) return context.stepsMs.map((atMs) => atMs - offsetMs)
  const atMs = pinned === 'start' ? context.startMs : pinned === 'end' ? context.endMs : pinned.atMs
  return context.stepsMs.map(() => atMs - offsetMs)
}
