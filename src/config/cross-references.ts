import { alertClaimProblems } from './alert-claims.ts'
import { unknownReference, valueProblem } from './issues.ts'
import { selectorProblem } from './lint-promql.ts'
import type { Path, Problem } from './problem.ts'
import { entries, field, items, keys, text } from './raw.ts'
import type { Capability, DataSourceKind } from './registries.ts'
import { scheduleProblems } from './schedule-problems.ts'
import type { YamlDocument } from './yaml-document.ts'

const ABLE: Readonly<Record<Capability, string>> = {
  metrics: 'answer PromQL',
  json: 'read JSON documents',
  deploys: 'know deploys',
  cluster: 'read a cluster',
}

/** References of the catalogue that lead nowhere, or to something that cannot do what is asked of it. */
export function crossReferenceProblems(
  document: YamlDocument,
  kinds: readonly DataSourceKind[],
  remediations: readonly string[],
): Problem[] {
  const services = field(document.value, 'services')
  return [
    ...entries(field(document.value, 'clusters')).flatMap(([name, cluster]) =>
      admissionProblems(document, name, cluster),
    ),
    ...entries(services).flatMap(([name, service]) => serviceProblems(document, kinds, name, service)),
    ...entries(services).flatMap(([name, service]) =>
      policyProblems(document, ['services', name], service, remediations),
    ),
    ...sharedPagerdutyServices(document, services),
    ...alertClaimProblems(document),
    ...scheduleProblems(document),
  ]
}

/** Freezes are written into the cluster, by the account that may write. */
function admissionProblems(document: YamlDocument, name: string, cluster: unknown): Problem[] {
  if (field(cluster, 'admission') === undefined || field(cluster, 'write') !== undefined) return []
  const message = `needs clusters.${name}.write: freezes are written into a ConfigMap of the cluster`
  const path = ['clusters', name, 'admission']
  return [{ ...valueProblem(document, path, message), ...document.locateKey(path) }]
}

function serviceProblems(
  document: YamlDocument,
  kinds: readonly DataSourceKind[],
  name: string,
  service: unknown,
): Problem[] {
  const path = ['services', name]
  const source = (key: string, capability: Capability): Problem[] =>
    sourceProblems(document, kinds, [...path, key, 'source'], capability)
  return [
    ...workloadProblems(document, path, service),
    ...(field(service, 'metrics') === undefined ? [] : source('metrics', 'metrics')),
    ...selectorProblems(document, [...path, 'metrics', 'selector'], field(field(service, 'metrics'), 'selector')),
    ...(field(service, 'modelCache') === undefined ? [] : source('modelCache', 'json')),
    ...deployProblems(document, kinds, path, field(service, 'deploys')),
    ...limitProblems(document, path, service),
  ]
}

/** A policy for a kind that does not exist would guard nothing. */
function policyProblems(
  document: YamlDocument,
  path: Path,
  service: unknown,
  remediations: readonly string[],
): Problem[] {
  return keys(field(service, 'approval'))
    .filter((kind) => !remediations.includes(kind))
    .map((kind) => ({
      ...unknownReference(document, [...path, 'approval', kind], kind, 'kind of remediation', remediations),
      ...document.locateKey([...path, 'approval', kind]),
    }))
}

function workloadProblems(document: YamlDocument, path: Path, service: unknown): Problem[] {
  const clusters = keys(field(document.value, 'clusters'))
  return items(field(service, 'workloads')).flatMap(([index, workload]) => {
    const cluster = text(field(workload, 'cluster'))
    if (cluster === undefined || clusters.includes(cluster)) return []
    const where = [...path, 'workloads', index, 'cluster']
    return [unknownReference(document, where, cluster, 'entry of clusters', clusters)]
  })
}

function sourceProblems(
  document: YamlDocument,
  kinds: readonly DataSourceKind[],
  path: Path,
  capability: Capability,
): Problem[] {
  const name = text(path.reduce<unknown>(field, document.value))
  if (name === undefined) return []
  const sources = field(document.value, 'dataSources')
  const able = keys(sources).filter((one) => kindOf(sources, kinds, one)?.offers.includes(capability))
  if (!keys(sources).includes(name)) return [unknownReference(document, path, name, 'data source', keys(sources))]
  const kind = kindOf(sources, kinds, name)
  if (kind === undefined || kind.offers.includes(capability)) return []
  const fix = able.length === 0 ? `Add a data source that can.` : `Those that can: ${able.join(', ')}.`
  const message = `the data source "${name}" is of type ${kind.type}, which cannot ${ABLE[capability]}`
  return [{ ...valueProblem(document, path, message), fix }]
}

function deployProblems(
  document: YamlDocument,
  kinds: readonly DataSourceKind[],
  path: Path,
  deploys: unknown,
): Problem[] {
  const name = text(field(deploys, 'source'))
  if (name === undefined) return []
  const where = [...path, 'deploys', 'source']
  const kind = kindOf(field(document.value, 'dataSources'), kinds, name)
  const counter = field(deploys, 'counter')
  // A system that answers PromQL records deploys as a counter; every other kind has records of its own.
  if (kind?.offers.includes('metrics')) {
    if (counter !== undefined) return []
    const message = `the data source "${name}" answers PromQL, so counter is needed: a counter of this service’s deploys`
    return [valueProblem(document, where, message)]
  }
  const unused =
    kind === undefined || counter === undefined
      ? []
      : [valueProblem(document, [...path, 'deploys', 'counter'], `is not used: "${name}" does not answer PromQL`)]
  return [...sourceProblems(document, kinds, where, 'deploys'), ...unused]
}

function selectorProblems(document: YamlDocument, path: Path, selector: unknown): Problem[] {
  const found = typeof selector === 'string' && selector !== '' ? selectorProblem(selector) : undefined
  if (found === undefined) return []
  return [{ ...valueProblem(document, path, found.message), ...document.locateIn(path, found.offset) }]
}

function limitProblems(document: YamlDocument, path: Path, service: unknown): Problem[] {
  const limit = field(service, 'memoryLimit')
  const where = [...path, 'memoryLimit']
  if (limit === 'metrics' && field(field(service, 'metrics'), 'limit') === undefined) {
    return [valueProblem(document, where, 'metrics needs metrics.limit, a PromQL expression, which is missing')]
  }
  if (limit === 'workload' && items(field(service, 'workloads')).length === 0) {
    return [valueProblem(document, where, 'workload needs an entry in workloads, and there is none')]
  }
  return []
}

/** PagerDuty's id decides which service an incident is about, so it can belong to one only. */
function sharedPagerdutyServices(document: YamlDocument, services: unknown): Problem[] {
  const owners = new Map<string, string>()
  return entries(services).flatMap(([name, service]) =>
    items(field(service, 'pagerduty')).flatMap(([index, id]) => {
      if (typeof id !== 'string') return []
      const owner = owners.get(id)
      if (owner === undefined) owners.set(id, name)
      if (owner === undefined) return []
      const message = owner === name ? `"${id}" is already listed` : `"${id}" already belongs to the service "${owner}"`
      return [valueProblem(document, ['services', name, 'pagerduty', index], message)]
    }),
  )
}

function kindOf(sources: unknown, kinds: readonly DataSourceKind[], name: string): DataSourceKind | undefined {
  const type = field(field(sources, name), 'type')
  return kinds.find((kind) => kind.type === type)
}
