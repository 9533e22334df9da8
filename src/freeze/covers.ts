import type { Freeze } from '../domain/freeze.ts'

/** What a pipeline is about to deploy. Absent: it does not say, so any freeze counts. */
export type DeployScope = 'model' | 'workload'

export const DEPLOY_SCOPES: readonly DeployScope[] = ['model', 'workload']

/** The freezes that stop such a deploy, the one that lasts longest first. */
export function freezesAgainst(freezes: readonly Freeze[], deploy: DeployScope | undefined): readonly Freeze[] {
  return freezes
    .filter(({ scope }) => deploy === undefined || scope === 'all' || scope === deploy)
    .toSorted((left, right) => right.until - left.until)
}
