import type { CheckSources } from '../checks/check.ts'
import type { Answer, ClusterSource, DeploySource, JsonSource, MetricsSource } from '../datasources/datasource.ts'
import type { Asked } from '../domain/finding.ts'

/** The same sources, with every answer noted as evidence of the check that asked. */
export function recordingSources(sources: CheckSources, now: () => number, note: (asked: Asked) => void): CheckSources {
  async function noted<T>(source: string, question: Promise<Answer<T>>): Promise<Answer<T>> {
    const started = now()
    const answer = await question
    note({ source, query: answer.query, asOf: answer.asOf, tookMs: now() - started, warnings: answer.warnings })
    return answer
  }
  return {
    metrics: () => {
      const source = sources.metrics()
      return {
        instant: (query, at, signal) => noted('metrics', source.instant(query, at, signal)),
        range: (query, window, signal) => noted('metrics', source.range(query, window, signal)),
      }
    },
    cluster: (name) => {
      const source = sources.cluster(name)
      return {
        workload: (workload, signal) => noted(name, source.workload(workload, signal)),
        pods: (workload, signal) => noted(name, source.pods(workload, signal)),
        nodes: (names, signal) => noted(name, source.nodes(names, signal)),
      }
    },
    json: (name) => {
      const source = sources.json(name)
      return { get: (path, signal) => noted(name, source.get(path, signal)) }
    },
    deploys: () => {
      const source = sources.deploys()
      return { deploys: (service, window, signal) => noted('deploys', source.deploys(service, window, signal)) }
    },
  }
}

/** Asks each question once: checks of one investigation that want the same series share one request. The first asker's deadline applies. */
export function sharedSources(sources: CheckSources): CheckSources {
  const answers = new Map<string, Promise<Answer<unknown>>>()
  function once<T>(key: readonly unknown[], ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const name = JSON.stringify(key)
    const earlier = answers.get(name)
    // The key names capability, source and arguments, and each such combination has one answer type.
    if (earlier !== undefined) return earlier as Promise<Answer<T>>
    const asked = ask()
    answers.set(name, asked)
    return asked
  }
  return {
    metrics: () => sharedMetrics(sources.metrics(), once),
    cluster: (name) => sharedCluster(name, sources.cluster(name), once),
    json: (name) => sharedJson(name, sources.json(name), once),
    deploys: () => sharedDeploys(sources.deploys(), once),
  }
}

type Once = <T>(key: readonly unknown[], ask: () => Promise<Answer<T>>) => Promise<Answer<T>>

function sharedMetrics(source: MetricsSource, once: Once): MetricsSource {
  return {
    instant: (query, at, signal) => once(['instant', query, at], () => source.instant(query, at, signal)),
    range: (query, window, signal) => once(['range', query, window], () => source.range(query, window, signal)),
  }
}

function sharedCluster(name: string, source: ClusterSource, once: Once): ClusterSource {
  return {
    workload: (workload, signal) => once([name, 'workload', workload], () => source.workload(workload, signal)),
    pods: (workload, signal) => once([name, 'pods', workload], () => source.pods(workload, signal)),
    nodes: (names, signal) => once([name, 'nodes', names], () => source.nodes(names, signal)),
  }
}

function sharedJson(name: string, source: JsonSource, once: Once): JsonSource {
  return { get: (path, signal) => once([name, path], () => source.get(path, signal)) }
}

function sharedDeploys(source: DeploySource, once: Once): DeploySource {
  return {
    deploys: (service, window, signal) =>
      once(['deploys', service.name, window], () => source.deploys(service, window, signal)),
  }
}
