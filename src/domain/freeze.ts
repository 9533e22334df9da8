import type { FreezeScope } from './service.ts'

/** A deploy that may go ahead although its service is frozen: one with a label such as `hotfix=INC-4892`, or one that is named. */
export interface Exemption {
  readonly kind: 'label' | 'deploy'
  /** "key=value" for a label; the deploy's name as the pipeline says it. */
  readonly value: string
  readonly reason: string
  readonly by: string
  readonly at: number
}

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
  readonly exemptions?: readonly Exemption[]
  readonly liftedAt?: number
  readonly liftedBy?: string
}

/** A place where a freeze is, or should be, enforced, and what is known of it. */
export interface EnforcementPoint {
  /** "Kubernetes admission (prod)", "gate: ci". */
  readonly name: string
  /**
   * `proved`: a probe was refused. `open`: a probe went through. `unguarded`: nothing is set up that could refuse. `asked`: a pipeline asks here.
   * `never-asked`: none ever did. `unknown`: it could not be told.
   */
  readonly state: 'proved' | 'open' | 'unguarded' | 'asked' | 'never-asked' | 'unknown'
  /** When it was probed or asked last, ms since the epoch. */
  readonly at?: number
  /** What to know or do, where it is not as it should be. */
  readonly text?: string
}

/** A deploy that was refused because of the freeze. */
export interface BlockedDeploy {
  readonly at: number
  /** Name of the pipeline's token, or of the place that refused it. */
  readonly holder: string
  readonly deploy?: string
}

/** Somebody went over what stood in the way, on their own responsibility. */
export interface BrokenGlass {
  readonly at: number
  readonly by: string
  /** For people outside Slack. */
  readonly name?: string
  /** As typed. */
  readonly reason: string
  /** What was done by it. */
  readonly what: string
  /** What stood in the way. */
  readonly overrode: readonly string[]
}

/** What is known of a freeze besides its time: part of its remediation's record. */
export interface FreezeTerms {
  readonly points?: readonly EnforcementPoint[]
  readonly exemptions?: readonly Exemption[]
  /** How many deploys were refused, and the newest of them. */
  readonly blockedCount?: number
  readonly blocked?: readonly BlockedDeploy[]
  /** When people were reminded that it ends; a button then extends it. */
  readonly remindedAt?: number
  /** Each time that somebody broke the glass to lift it or to let a deploy through. */
  readonly glass?: readonly BrokenGlass[]
}

/** Blocked deploys that are listed; the others are counted. */
export const LISTED_DEPLOYS = 10

/** The same with one more exemption; one of the same kind and value is replaced. */
export function withExemption<T extends { readonly exemptions?: readonly Exemption[] }>(
  frozen: T,
  exemption: Exemption,
): T {
  const others = (frozen.exemptions ?? []).filter(
    ({ kind, value }) => kind !== exemption.kind || value !== exemption.value,
  )
  return { ...frozen, exemptions: [...others, exemption] }
}

/** A freeze holds until it is lifted or its time has come. */
export function holds(freeze: Freeze, now: number): boolean {
  return freeze.liftedAt === undefined && now < freeze.until
}

/** Whether it stops changes of a workload's template. */
export function coversWorkloads({ scope }: Pick<Freeze, 'scope'>): boolean {
  return scope !== 'model'
}
