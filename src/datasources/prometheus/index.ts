import { z } from 'zod'
import { duration, environmentVariable } from '../../config/fields.ts'
import type { Service } from '../../domain/service.ts'
import type { Answer, DeployRecord, DeploySource, MetricsSource, Sample, Series } from '../datasource.ts'
import { defineDataSource, SourceError } from '../datasource.ts'
import type { HttpSource } from '../http-get.ts'
import { getJson, sourceUrl } from '../http-get.ts'
import { queryAnswer, toNumber } from './answers.ts'
import { risesOf } from './rises.ts'

/** Prometheus, or anything that speaks its HTTP API: Thanos, Mimir, VictoriaMetrics. */
export const prometheus = defineDataSource({
  type: 'prometheus',
  offers: ['metrics', 'deploys'],
  config: z.strictObject({
    url: sourceUrl,
    tokenEnv: environmentVariable.optional(),
    timeout: duration().prefault('10s'),
  }),
  open: (name, settings, deps) => {
    const http: HttpSource = {
      name,
      baseUrl: settings.url,
      token: deps.secret(settings.tokenEnv),
      timeoutMs: settings.timeout,
    }
    const metrics = metricsSource(http)
    return {
      name,
      type: 'prometheus',
      metrics,
      deploys: counterDeploys(name, metrics),
      probe: async (signal) => {
        await metrics.instant('vector(1)', deps.now(), signal)
      },
    }
  },
})

function metricsSource(http: HttpSource): MetricsSource {
  return {
    async instant(query, at, signal) {
      const { data, warnings } = await ask(http, 'query', { query, time: seconds(at) }, signal)
      if (data.resultType === 'matrix') throw badAnswer(http, query, 'it is a range, not an instant vector')
      const samples: Sample[] =
        data.resultType === 'scalar'
          ? [{ labels: {}, value: toNumber(data.result[1]) }]
          : data.result.map((one) => ({ labels: one.metric, value: toNumber(one.value[1]) }))
      return { value: samples, query, asOf: at, warnings }
    },
    async range(query, window, signal) {
      const { data, warnings } = await ask(
        http,
        'query_range',
        { query, start: seconds(window.from), end: seconds(window.to), step: seconds(window.stepMs) },
        signal,
      )
      if (data.resultType !== 'matrix') throw badAnswer(http, query, 'the answer is not a range')
      const series: Series[] = data.result.map((one) => ({
        labels: one.metric,
        points: one.values
          .map(([at, value]) => [Math.round(at * 1000), toNumber(value)] as const)
          .filter(([, value]) => !Number.isNaN(value)),
      }))
      return { value: series, query, asOf: window.to, warnings }
    },
  }
}

/** At most so many points of the counter; over a working day that places a deploy within a quarter of a minute. */
const COUNTER_POINTS = 2_000

/** Deploys as the rises of a counter. */
function counterDeploys(name: string, metrics: MetricsSource): DeploySource {
  return {
    async deploys(service: Service, window, signal): Promise<Answer<readonly DeployRecord[]>> {
      const counter = service.deploys?.counter
      if (counter === undefined) {
        throw new SourceError(
          'not-configured',
          name,
          `${service.name} has no \`deploys.counter\`, so ${name} cannot count its deploys.`,
        )
      }
      const stepMs = Math.max(1, Math.ceil((window.to - window.from) / COUNTER_POINTS / 1_000)) * 1_000
      const answer = await metrics.range(counter, { ...window, stepMs }, signal)
      if (answer.value.length === 0)
        throw new SourceError('missing', name, `${name} has no series for the deploy counter ${counter}.`)
      const perSeries = answer.value.map((series) => risesOf(series.points))
      const falls = perSeries.reduce((sum, { partialFalls }) => sum + partialFalls, 0)
      return {
        ...answer,
        value: perSeries.flatMap(({ records }) => records).sort((a, b) => a.at - b.at),
        warnings: [
          ...answer.warnings,
          ...(falls === 0
            ? []
            : [`the counter fell ${falls} times without starting anew: sum a counter that outlives the pods`]),
        ],
      }
    },
  }
}

async function ask(
  http: HttpSource,
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
) {
  const path = `/api/v1/${endpoint}?${new URLSearchParams(parameters).toString()}`
  const { status, body } = await getJson(http, path, signal)
  const answer = queryAnswer.safeParse(body)
  if (!answer.success) throw badAnswer(http, parameters.query ?? '', `status ${status}, and not in Prometheus' format`)
  if (answer.data.status === 'error') {
    const { errorType, error } = answer.data
    // Prometheus' own limit on how long a query may take; ours would have ended it otherwise.
    const kind = errorType === 'timeout' || errorType === 'canceled' ? 'timeout' : 'bad-answer'
    throw badAnswer(http, parameters.query ?? '', error, kind)
  }
  return { data: answer.data.data, warnings: [...answer.data.warnings, ...answer.data.infos] }
}

function badAnswer(
  http: HttpSource,
  query: string,
  why: string,
  kind: 'bad-answer' | 'timeout' = 'bad-answer',
): SourceError {
  return new SourceError(
    kind,
    http.name,
    `${http.name} could not answer “${query.slice(0, 200)}”: ${why.slice(0, 300)}.`,
  )
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
