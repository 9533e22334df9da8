import { z } from 'zod'
import type { Service, Workload } from '../domain/service.ts'
import { RemediationError } from './remediation.ts'

/** Which of the service's workloads; all where absent. */
export const only = z
  .string()
  .min(1)
  .max(600)
  .meta({ description: 'Name of one workload of the service; all of them where absent.' })
  .exactOptional()

/** A workload in one text that no other of the service shares. */
export function keyOf({ cluster, namespace, kind, name }: Workload): string {
  return `${cluster}/${namespace}/${kind}/${name}`
}

/** The workloads that are meant. Throws `RemediationError` where there are none. */
export function whichWorkloads({ name, workloads }: Service, which: string | undefined): readonly Workload[] {
  if (workloads.length === 0) throw new RemediationError('none', `${name} has no \`workloads\` in incbot.yaml.`)
  const meant = workloads.filter((one) => which === undefined || one.name === which || keyOf(one) === which)
  if (meant.length > 0) return meant
  throw new RemediationError('none', `${name} has no workload called ${which} in incbot.yaml.`)
}
