import type { BrokenGlass } from './freeze.ts'
import type { Remediation } from './remediation.ts'

/** Every time that somebody broke the glass for this, oldest first; a rehearsal overrides nothing. `key` tells them apart. */
export function brokenGlass(remediation: Remediation): readonly (BrokenGlass & { readonly key: string })[] {
  const { approval, state, plan, freeze } = remediation
  const ofApproval =
    approval?.basis === 'break-glass' && state !== 'rehearsed'
      ? [
          {
            key: remediation.id,
            at: approval.at,
            by: approval.by,
            ...(approval.name !== undefined && { name: approval.name }),
            reason: approval.reason ?? '',
            what: plan.summary,
            overrode: approval.overrode ?? [],
          },
        ]
      : []
  return [...ofApproval, ...(freeze?.glass ?? []).map((one) => ({ ...one, key: `${remediation.id}:${one.at}` }))]
}
