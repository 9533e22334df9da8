import { z } from 'zod'

const point = z.tuple([z.number(), z.string()])
const labels = z.record(z.string(), z.string())

const vector = z.object({
  resultType: z.literal('vector'),
  result: z.array(z.object({ metric: labels, value: point })),
})
const scalar = z.object({ resultType: z.literal('scalar'), result: point })
const matrix = z.object({
  resultType: z.literal('matrix'),
  result: z.array(z.object({ metric: labels, values: z.array(point) })),
})

/** Answers of Prometheus' HTTP API (prometheus.io/docs/prometheus/latest/querying/api). */
export const queryAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [vector, scalar, matrix]),
    warnings: z.array(z.string()).default([]),
    infos: z.array(z.string()).default([]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
])

/** Prometheus writes numbers as text: "1", "NaN", "+Inf". */
export function toNumber(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}
