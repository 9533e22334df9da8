import type { FreezeScope } from './service.ts'

/** A lease during which deploys of a service are refused. Times are ms since the epoch. */
export interface Freeze {
  /** Id of the remediation or command that made it: making it twice is making it once. */
  readonly id: string
  readonly service: string
  readonly scope: FreezeScope
  readonly incidentId: string
  readonly by: string
  readonly reason: string
  readonly since: number
  readonly until: number
  readonly liftedAt?: number
  readonly liftedBy?: string
}

/** A freeze holds until it is lifted or its time has come. */
export function holds(freeze: Freeze, now: number): boolean {
  return freeze.liftedAt === undefined && now < freeze.until
}
