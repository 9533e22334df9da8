import { z } from 'zod'
import { promql } from '../config/fields.ts'
import { answered } from './answered.ts'
import type { Planning } from './planning.ts'
import { caution, passed, type Question, reason } from './preflight/ask.ts'
import type { RemediationContext } from './remediation.ts'
import { figure } from './words.ts'

/** Prometheus knows nothing new more often than this. */
const LOOK_EVERY_MS = 5_000
const ANSWER_MS = 3_000
/** One value may be a blip. */
const IN_A_ROW = 2

const bound = z.strictObject({ query: promql, above: z.number() })
export type Bound = z.output<typeof bound>

/** What a runbook gives: the execution stops when one of these is above its bound. */
export const haltWhen = z.array(bound).max(5).default([]).meta({
  description: 'Stops when one of these queries is above its bound, twice in a row, once the first new pod is ready.',
})

/** As it stands in a plan's parameters, which hold no objects: "0.05 sum(rate(...))". */
export const recordBounds = (bounds: readonly Bound[]): readonly string[] =>
  bounds.map(({ query, above }) => `${above} ${query}`)

export const recordedBounds = z
  .array(z.string().regex(/^\S+ ./s))
  .default([])
  .transform((texts) =>
    texts.map((text): Bound => {
      const space = text.indexOf(' ')
      return { query: text.slice(space + 1), above: Number(text.slice(0, space)) }
    }),
  )

/** What is above its bound before anything has begun would stop it after its first pod. */
export function quietBefore(bounds: readonly Bound[]): Question {
  return {
    what: 'halt when',
    async look(planning: Planning) {
      if (bounds.length === 0) return undefined
      const values = await Promise.all(
        bounds.map(({ query }) => answered(planning.signal, (ending) => planning.context.measure(query, ending))),
      )
      const said = bounds.flatMap(({ query, above }, index) => {
        const value = values[index]
        if (value === undefined) return [`\`${query}\` gives nothing, so it would stop nothing.`]
        return value > above
          ? [
              `\`${query}\` is ${figure(value)} already, above its bound of ${figure(above)}: this would be stopped after its first pod.`,
            ]
          : []
      })
      return said.length === 0 ? passed('What would stop it is below its bounds now.') : caution(said.join(' '))
    },
  }
}

/** Watches the bounds while something is under way. */
export interface BoundsWatch {
  /** Why it must stop; undefined while it need not. Asks only every few seconds, and never throws. */
  look(): Promise<string | undefined>
  /** What could not be asked last time, in words; empty where everything answered. */
  readonly silent: string
}

export function watchBounds(context: RemediationContext, bounds: readonly Bound[]): BoundsWatch {
  const streaks = new Map<Bound, number>()
  let silent: readonly string[] = []
  let next = Number.NEGATIVE_INFINITY

  async function value({ query }: Bound): Promise<number | string> {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(ANSWER_MS)])
    try {
      return (await answered(signal, (ending) => context.measure(query, ending))) ?? 'it gives nothing'
    } catch (error) {
      return reason({ signal }, error).replace(/\.$/, '')
    }
  }

  return {
    async look() {
      if (context.now() < next) return undefined
      next = context.now() + LOOK_EVERY_MS
      const values = await Promise.all(bounds.map(value))
      silent = bounds.flatMap(({ query }, index) =>
        typeof values[index] === 'string' ? [`\`${query}\` (${values[index]})`] : [],
      )
      const over = bounds.flatMap((one, index) => {
        const now = values[index]
        const streak = typeof now === 'number' && now > one.above ? (streaks.get(one) ?? 0) + 1 : 0
        streaks.set(one, streak)
        return streak >= IN_A_ROW && typeof now === 'number'
          ? [`\`${one.query}\` is ${figure(now)}, above its bound of ${figure(one.above)}`]
          : []
      })
      return over.length === 0 ? undefined : `${over.join(' and ')}.`
    },
    get silent() {
      return silent.length === 0 ? '' : `; no answer from ${silent.join(', ')}`
    },
  }
}
