import { checks } from '../checks/index.ts'
import type { Registries } from '../config/registries.ts'
import { dataSourceKinds } from '../datasources/index.ts'
import { remediationKinds } from '../remediations/index.ts'

/** Everything that files may refer to by name. */
export const registries: Registries = { dataSources: dataSourceKinds, checks, remediations: remediationKinds }
