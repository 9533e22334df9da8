import type { CheckSources } from '../checks/check.ts'
import type { DataSource } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Service } from '../domain/service.ts'

/** What checks of a service may ask. `all` holds data sources and clusters by name. */
export function serviceSources(service: Service, all: ReadonlyMap<string, DataSource>): CheckSources {
  function capability<T>(source: string | undefined, setting: string, of: (one: DataSource) => T | undefined): T {
    if (source === undefined)
      throw new SourceError('not-configured', service.name, `${service.name} has no \`${setting}\` in incbot.yaml.`)
    const found = all.get(source)
    const offered = found && of(found)
    if (offered === undefined)
      throw new SourceError('not-configured', source, `${source} is no data source that can answer this.`)
    return offered
  }
  return {
    metrics: () => capability(service.metrics?.source, 'metrics', (one) => one.metrics),
    cluster: (name) => capability(name, 'workloads', (one) => one.cluster),
    json: (name) => capability(name, 'modelCache', (one) => one.json),
    deploys: () => capability(service.deploys?.source, 'deploys', (one) => one.deploys),
  }
}
