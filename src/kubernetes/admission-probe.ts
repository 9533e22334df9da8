import { setTimeout as wait } from 'node:timers/promises'
import type { Workload } from '../domain/service.ts'
import { exemptedLabelsOf, POLICY, PROBE_ANNOTATION } from '../freeze/admission-data.ts'
import type { FreezeGuard, GuardedFreeze } from '../freeze/guard.ts'
import { patchWorkload } from './changes.ts'
import type { ClusterApi } from './connect.ts'
import { describe } from './describe.ts'
import { apiFailure } from './errors.ts'
import { said } from './failures.ts'

export type Probe = Awaited<ReturnType<FreezeGuard['probe']>>

interface ProbeOptions {
  /** The command that makes policy, binding and ConfigMap. */
  readonly installing: string
  readonly waitsMs: readonly number[]
  readonly signal: AbortSignal
}

/** Sends a change of the template that the policy must refuse, as a dry run; again after a while where it went through. Never rejects. */
export async function probeWorkload(
  api: ClusterApi,
  frozen: GuardedFreeze,
  workload: Workload,
  options: ProbeOptions,
): Promise<Probe> {
  const { waitsMs, signal } = options
  let probe = await probeOnce(api, frozen, workload, options)
  for (const waitMs of waitsMs) {
    if (probe.state !== 'open') break
    await wait(waitMs, undefined, { signal }).catch(() => undefined)
    // Where there is no more time, what was seen last is the answer.
    if (signal.aborted) break
    probe = await probeOnce(api, frozen, workload, options)
  }
  return probe
}

async function probeOnce(
  api: ClusterApi,
  frozen: GuardedFreeze,
  workload: Workload,
  { installing, signal }: ProbeOptions,
): Promise<Probe> {
  const annotations = { [PROBE_ANNOTATION]: frozen.freeze.id }
  const change = { metadata: { annotations }, spec: { template: { metadata: { annotations } } } }
  const type = 'application/strategic-merge-patch+json'
  try {
    const { metadata } = await patchWorkload(api, workload, type, change, { signal, dryRun: 'All' })
    return { state: 'open', text: whyOpen(frozen, workload, metadata?.labels ?? {}, installing) }
  } catch (error) {
    return whyRefused(workload, error)
  }
}

function whyOpen(
  frozen: GuardedFreeze,
  workload: Workload,
  labels: Readonly<Record<string, string>>,
  installing: string,
): string {
  const carried = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const exempted = exemptedLabelsOf(frozen).filter((label) => carried.includes(label))
  if (exempted.length > 0)
    return `${describe(workload)} carries the exempted label ${exempted.join(' and ')}: its deploys go through until that is taken off.`
  return `A trial change of ${describe(workload)} went through: the admission policy is not there, is not bound, or does not cover this namespace. \`${installing} | kubectl apply -f -\` puts it there.`
}

/** Whose refusal it is the API server tells in its message only, and always in this form. */
function whyRefused(workload: Workload, error: unknown): Probe {
  const failure = apiFailure(error)
  const { status, message } = failure
  const answered = status === 403 || status === 422
  if (answered && message.includes(`ValidatingAdmissionPolicy '${POLICY}'`)) return { state: 'proved' }
  const text = `The probe of ${describe(workload)} was not answered by the admission policy: ${said(failure)}.`
  return { state: 'unknown', text }
}
