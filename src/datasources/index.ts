import type { DataSourceKind } from './datasource.ts'
import { deployLog } from './deploy-log.ts'
import { httpJson } from './http-json.ts'
import { pagerdutyChanges } from './pagerduty-changes.ts'
import { prometheus } from './prometheus/index.ts'

/** Every kind of data source that incbot.yaml may name. Clusters have a section of their own and `kubernetes/`. */
export const dataSourceKinds: readonly DataSourceKind[] = [prometheus, httpJson, pagerdutyChanges, deployLog]
