import type { CheckSources } from '../checks/check.ts'
import type { Answer } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Asked } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import { threeDigits } from '../domain/units.ts'
import { orAborted } from './or-aborted.ts'

/** What a check has asked so far. */
export interface Questioner {
  readonly sources: CheckSources
  /** Questions with an answer or a failure, in the order in which these came. */
  readonly asked: readonly Asked[]
  /** Names of the sources that have not answered yet. */
  readonly waitingFor: () => readonly string[]
}

interface Question {
  readonly answer: Promise<Answer<unknown>>
  readonly askedAt: number
  /** What the answer took, whoever waited how long for it; undefined while there is none. */
  readonly tookMs: () => number | undefined
}

interface Ask<T> {
  readonly source: string
  /** Names the question among all of the investigation. */
  readonly key: readonly unknown[]
  /** The question for the evidence, as long as no answer words it better. */
  readonly query: string
  readonly put: (signal: AbortSignal) => Promise<Answer<T>>
}

/** Of a check's time that is left when it asks: with the rest it can still make something of what others answered. */
const PATIENCE = 0.8

/**
 * Asks each question once: checks of one investigation that want the same series share one request. A question runs under the
 * investigation's signal, and each check waits for it as long as its own time lets it, so that one with little time costs no other its answer,
 * and a source that hangs costs a check only the answers of that source. Every answer, and every failure, is noted as evidence of each check that asked.
 */
export function shareQuestions(
  service: Service,
  sources: CheckSources,
  now: () => number,
  investigation: AbortSignal,
): (checkMs: number) => Questioner {
  const questions = new Map<string, Question>()

  function questionOf<T>({ key, put }: Ask<T>): Question {
    const name = JSON.stringify(key)
    const earlier = questions.get(name)
    if (earlier !== undefined) return earlier
    const started = performance.now()
    let tookMs: number | undefined
    // Many run at the same time, and each has listeners: on one signal Node takes so many for a leak.
    const answer = put(AbortSignal.any([investigation])).finally(() => {
      tookMs = performance.now() - started
    })
    // Whoever asked may be gone by the time it fails.
    answer.catch(() => undefined)
    const question = { answer, askedAt: now(), tookMs: () => tookMs }
    questions.set(name, question)
    return question
  }

  return (checkMs) => {
    const end = performance.now() + checkMs
    const asked: Asked[] = []
    const waiting = new Map<symbol, string>()

    async function ask<T>(one: Ask<T>, mine: AbortSignal): Promise<Answer<T>> {
      const { source } = one
      const id = Symbol(source)
      const since = performance.now()
      waiting.set(id, source)
      const { answer, askedAt, tookMs } = questionOf(one)
      const patienceMs = Math.max(0, Math.round(PATIENCE * (end - since)))
      const patience = AbortSignal.timeout(patienceMs)
      const evidence = () => ({ source, tookMs: tookMs() ?? performance.now() - since })
      try {
        // The key names capability, source and arguments, and each such combination has one answer type.
        const given = (await orAborted(answer, AbortSignal.any([mine, patience]))) as Answer<T>
        asked.push({ ...evidence(), query: given.query, asOf: given.asOf, warnings: given.warnings })
        waiting.delete(id)
        return given
      } catch (error) {
        const failed = error instanceof Error && !mine.aborted && !patience.aborted
        const why = failed ? error.message : 'it had not answered when the time was up'
        asked.push({ ...evidence(), query: one.query, asOf: askedAt, warnings: [`no answer: ${why}`] })
        // What the check's own end cut short is still being waited for: that is why it ended.
        if (!mine.aborted) waiting.delete(id)
        if (failed || mine.aborted) throw error
        throw new SourceError('timeout', source, `${source} did not answer within ${threeDigits(patienceMs / 1000)} s.`)
      }
    }

    return { sources: askingSources(service, sources, ask), asked, waitingFor: () => [...new Set(waiting.values())] }
  }
}

function askingSources(
  service: Service,
  sources: CheckSources,
  ask: <T>(one: Ask<T>, signal: AbortSignal) => Promise<Answer<T>>,
): CheckSources {
  return {
    metrics: () => {
      const metrics = sources.metrics()
      const source = service.metrics?.source ?? 'metrics'
      return {
        instant: (query, at, mine) =>
          ask(
            { source, query, key: ['instant', query, at], put: (signal) => metrics.instant(query, at, signal) },
            mine,
          ),
        range: (query, window, mine) =>
          ask(
            { source, query, key: ['range', query, window], put: (signal) => metrics.range(query, window, signal) },
            mine,
          ),
      }
    },
    cluster: (source) => {
      const cluster = sources.cluster(source)
      return {
        workload: (workload, mine) =>
          ask(
            {
              source,
              query: `read ${workload.kind} ${workload.namespace}/${workload.name}`,
              key: ['workload', source, workload],
              put: (signal) => cluster.workload(workload, signal),
            },
            mine,
          ),
        pods: (workload, mine) =>
          ask(
            {
              source,
              query: `list pods of ${workload.kind} ${workload.namespace}/${workload.name}`,
              key: ['pods', source, workload],
              put: (signal) => cluster.pods(workload, signal),
            },
            mine,
          ),
        nodes: (names, mine) =>
          ask(
            {
              source,
              query: `read nodes ${names.join(', ')}`,
              key: ['nodes', source, names],
              put: (signal) => cluster.nodes(names, signal),
            },
            mine,
          ),
      }
    },
    json: (source) => {
      const json = sources.json(source)
      return {
        get: (path, mine) =>
          ask(
            { source, query: `GET ${path}`, key: ['json', source, path], put: (signal) => json.get(path, signal) },
            mine,
          ),
      }
    },
    deploys: () => {
      const deploys = sources.deploys()
      const source = service.deploys?.source ?? 'deploys'
      return {
        deploys: (of, window, mine) =>
          ask(
            {
              source,
              query: `deploys of ${of.name}`,
              key: ['deploys', of.name, window],
              put: (signal) => deploys.deploys(of, window, signal),
            },
            mine,
          ),
      }
    },
  }
}
