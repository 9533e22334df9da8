import { beforeAndAfter } from '../analysis/before-and-after.ts'
import { followUp } from '../analysis/follow-up.ts'
import { frozenUntil } from '../domain/advance.ts'
import type { Finding } from '../domain/finding.ts'
import type { Incident, Investigation } from '../domain/incident.ts'
import { currentInvestigation } from '../domain/incident.ts'
import type { Remediation } from '../domain/remediation.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import { formatMoment } from '../domain/units.ts'
import type { EffectVerdict } from '../domain/verification.ts'
import { judgeEffect } from '../domain/verification.ts'
import type { Ports } from './ports.ts'

/** What a remediation did: the verdict, what it bought and what is next, and charts that show before and after in one. */
export interface Measured {
  readonly findings: readonly Finding[]
  readonly verdict: EffectVerdict
  readonly followUp: readonly string[]
}

/** Compares what the same checks say now with what had led to the remediation. Undefined for what is no verification. */
export function measureEffect(
  ports: Pick<Ports, 'remediations' | 'now'>,
  incident: Incident,
  { verifies, reason }: Investigation,
  {
    runbook,
    findings,
    service,
  }: {
    readonly runbook: Runbook
    readonly findings: readonly Finding[]
    readonly service: Service
  },
): Measured | undefined {
  if (reason !== 'verification') return undefined
  const remediation = incident.remediations.find(({ id }) => id === verifies)
  const before = basisOf(incident, remediation)
  const restarted = remediation !== undefined && ports.remediations.get(remediation.kind)?.restarts === true
  const freeze = incident.remediations.find((one) => frozenUntil(one) !== undefined && one.ended === undefined)
  const bought = restarted
    ? followUp(before?.findings ?? [], findings, service.units, { frozen: freeze !== undefined })
    : { relieved: false, says: [] }
  const removesCause = runbook.remediations.some(
    ({ kind, fixes }) => kind === remediation?.kind && fixes.includes(remediation.hypothesis ?? ''),
  )
  const verdict = judgeEffect(before?.findings ?? [], findings, { removesCause, relieved: bought.relieved })
  return {
    findings:
      remediation === undefined
        ? findings
        : beforeAndAfter(before?.findings ?? [], findings, remediation, service.units),
    verdict,
    followUp: [...bought.says, ...freezeSays(freeze, ports.now()), ...nextStep(verdict, before)],
  }
}

/** The investigation that the offer rested on; where that is not known, the one that the card shows. */
function basisOf(incident: Incident, remediation: Remediation | undefined): Investigation | undefined {
  return incident.investigations.find(({ id }) => id === remediation?.investigationId) ?? currentInvestigation(incident)
}

function freezeSays(freeze: Remediation | undefined, now: number): readonly string[] {
  const until = freeze && frozenUntil(freeze)
  return until === undefined ? [] : [`The freeze is still on, until ${formatMoment(until, now)}.`]
}

function nextStep({ verdict }: EffectVerdict, before: Investigation | undefined): readonly string[] {
  switch (verdict) {
    case 'fixed':
      return ['Next: watch it, then close the incident.']
    case 'mitigated': {
      const [fix] = before?.diagnosis?.fix ?? []
      return fix === undefined ? [] : [`Next: ${fix}`]
    }
    case 'unchanged':
    case 'worse':
      return [
        'Next: this was not it, or not enough; run a fresh diagnosis and look at the explanations below the first.',
      ]
    case 'unknown':
      return ['Next: look by hand; incbot could not measure it.']
  }
}
