import type { Chart } from '../../src/domain/chart.ts'
import type { Diagnosis } from '../../src/domain/diagnosis.ts'
import type { Finding } from '../../src/domain/finding.ts'
import type { Incident, Investigation } from '../../src/domain/incident.ts'
import type { Plan, Remediation } from '../../src/domain/remediation.ts'
import type { Service } from '../../src/domain/service.ts'
import type { Catalogue, Logger, View } from '../../src/pipeline/ports.ts'

/** 2026-01-13 03:42 UTC. */
export const NOW = Date.UTC(2026, 0, 13, 3, 42)
export const CHANNEL = 'C0INFER'

export function aService(change: Partial<Service> = {}): Service {
  return {
    name: 'inference',
    pagerdutyServiceIds: ['PSVC1'],
    workloads: [],
    memoryLimit: { from: 'workload' },
    channel: CHANNEL,
    approvers: { users: ['U0ADA'], groups: [] },
    mode: 'act',
    freezeScope: 'model',
    units: 'decimal',
    ...change,
  }
}

export function aCatalogue(...services: readonly Service[]): Catalogue {
  return {
    services,
    byName: (name) => services.find((one) => one.name === name),
    byPagerDutyId: (id) => services.find((one) => one.pagerdutyServiceIds.includes(id)),
  }
}

export function aDiagnosis(change: Partial<Diagnosis> = {}): Diagnosis {
  return {
    leading: { id: 'cache', title: 'Model cache does not evict', confidence: 0.97, weights: [] },
    conclusion: 'The model cache keeps every version that was ever deployed.',
    says: ['Memory rises by 1.2 GB/h, 498 MB per deploy.'],
    ranked: [],
    ruledOut: ['traffic (below last week)'],
    unknown: [],
    contradictions: [],
    now: ['freeze deploys', 'restart'],
    fix: ['Set cache.max to what fits.'],
    answered: 4,
    asked: 4,
    ...change,
  }
}

export function aChart(change: Partial<Chart> = {}): Chart {
  return {
    title: 'inference memory (prod)',
    subtitle: '31.2 of 32 GB',
    altText: 'Memory of inference rose from 20 to 31.2 GB; the limit is 32 GB.',
    unit: 'bytes',
    byteUnits: 'decimal',
    from: NOW - 3_600_000,
    to: NOW,
    now: NOW,
    lines: [],
    thresholds: [],
    markers: [],
    ...change,
  }
}

export function aFinding(change: Partial<Finding> = {}): Finding {
  return {
    id: 'memory-trend',
    check: 'memory-trend',
    title: 'Memory trend',
    verdict: 'problem',
    severity: 'critical',
    headline: '31.2 of 32 GB, rising by 1.2 GB/h.',
    details: [],
    facts: [{ id: 'level', label: 'Memory', value: 31.2e9, unit: 'bytes' }],
    signals: {},
    charts: [aChart()],
    asked: [{ source: 'prometheus', query: 'up', asOf: NOW, tookMs: 12, warnings: [] }],
    tookMs: 12,
    ...change,
  }
}

export function anInvestigation(change: Partial<Investigation> = {}): Investigation {
  return {
    id: 'pd-Q1-i1',
    reason: 'opened',
    state: 'running',
    startedAt: NOW,
    checks: 0,
    findings: [],
    ...change,
  }
}

export function aFinishedInvestigation(change: Partial<Investigation> = {}): Investigation {
  return anInvestigation({
    state: 'finished',
    finishedAt: NOW + 1_000,
    runbook: 'model-serving-memory',
    checks: 4,
    findings: [aFinding()],
    diagnosis: aDiagnosis(),
    ...change,
  })
}

export function aPlan(change: Partial<Plan> = {}): Plan {
  return {
    target: { service: 'inference' },
    button: 'Restart inference-prod',
    summary: 'Restart StatefulSet inference-prod (3 pods, one at a time)',
    details: ['Each pod needs 4 min.'],
    parameters: {},
    ...change,
  }
}

export function aRemediation(change: Partial<Remediation> = {}): Remediation {
  return {
    id: 'rem-1',
    kind: 'rolling-restart',
    title: 'Rolling restart of inference-prod',
    plan: aPlan(),
    state: 'proposed',
    proposedAt: NOW,
    expiresAt: NOW + 3_600_000,
    ...change,
  }
}

/** Somebody else's freeze stands in the way, which breaking the glass can go over. */
export function aBlockedRemediation(change: Partial<Remediation> = {}): Remediation {
  const preflight = [
    { what: 'permission', verdict: 'passed', text: 'incbot may.' },
    {
      what: 'freeze',
      verdict: 'failed',
      text: 'Somebody else froze it.',
      fix: 'Ask them to lift it.',
      overridable: true,
    },
  ] as const
  return aRemediation({ state: 'blocked', plan: aPlan({ preflight }), ...change })
}

/** A freeze that holds for two hours from `NOW`. */
export function aFreeze(change: Partial<Remediation> = {}): Remediation {
  return aRemediation({
    id: 'freeze-1',
    kind: 'deploy-freeze',
    title: 'Deploy freeze',
    plan: aPlan({ button: 'Freeze deploys for 2 h', summary: 'Refuse model deploys of inference for 2 h' }),
    state: 'succeeded',
    approval: { by: 'U0ADA', at: NOW },
    effect: { frozenUntil: NOW + 2 * 3_600_000 },
    outcome: { result: 'succeeded', text: 'Model deploys of inference are refused.' },
    finishedAt: NOW,
    ...change,
  })
}

export function anIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: 'pd-Q1',
    origin: 'pagerduty',
    title: 'Memory of inference is high',
    service: 'inference',
    status: 'triggered',
    statusAt: NOW,
    urgency: 'high',
    pagerduty: { incidentId: 'Q1', number: 1234, serviceId: 'PSVC1', serviceName: 'Inference' },
    openedAt: NOW,
    mergedFrom: [],
    live: true,
    investigations: [anInvestigation()],
    remediations: [],
    refusals: [],
    ...change,
  }
}

export function aView(change: Partial<View> = {}): View {
  return {
    incident: anIncident(),
    service: aService(),
    channel: CHANNEL,
    progress: undefined,
    deliveries: [],
    timelineEnd: undefined,
    now: NOW,
    ...change,
  }
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

/** A logger that keeps what it is told. */
export function aLogger(): Logger & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
