import type { Standing } from '../src/domain/authorize.ts'
import type { Diagnosis } from '../src/domain/diagnosis.ts'
import type { Finding } from '../src/domain/finding.ts'
import type { Incident } from '../src/domain/incident.ts'
import type { PagerDutyEvent, PagerDutyIncidentFacts } from '../src/domain/pagerduty-event.ts'
import type { Plan, Remediation } from '../src/domain/remediation.ts'
import type { Runbook } from '../src/domain/runbook.ts'
import type { Service } from '../src/domain/service.ts'

/** 03:42 UTC. */
export const NOW = Date.parse('2026-03-15T03:42:00.000Z')

/** Nothing is known of an alert. */
export const NO_ALERT = { at: NOW, alert: [] }

export type IncidentWebhook = Extract<PagerDutyEvent, { kind: 'incident' }>

export function aService(change: Partial<Service> = {}): Service {
  return {
    name: 'inference',
    pagerdutyServiceIds: ['PSVC1'],
    workloads: [{ cluster: 'prod', namespace: 'ml', kind: 'StatefulSet', name: 'inference-prod' }],
    memoryLimit: { from: 'workload' },
    channel: 'C0ML',
    approvers: { users: ['U0ANA'], groups: ['S0ONCALL'] },
    mode: 'act',
    freezeScope: 'model',
    units: 'decimal',
    ...change,
  }
}

export function incidentFacts(change: Partial<PagerDutyIncidentFacts> = {}): PagerDutyIncidentFacts {
  return {
    id: 'Q1',
    number: 4892,
    title: 'inference-service-prod Memory Usage > 95%',
    htmlUrl: 'https://example.pagerduty.com/incidents/Q1',
    status: 'triggered',
    urgency: 'high',
    serviceId: 'PSVC1',
    serviceName: 'inference (8005)',
    escalationPolicyId: 'PEP1',
    incidentKey: undefined,
    createdAt: new Date(NOW).toISOString(),
    assignees: [],
    mergedInto: undefined,
    ...change,
  }
}

export function aWebhook(
  change: Partial<Omit<IncidentWebhook, 'incident'>> & { incident?: Partial<PagerDutyIncidentFacts> } = {},
): IncidentWebhook {
  const { incident, ...rest } = change
  return {
    kind: 'incident',
    eventId: 'E1',
    transition: 'triggered',
    occurredAt: new Date(NOW).toISOString(),
    agent: undefined,
    ...rest,
    incident: incidentFacts(incident),
  }
}

/** Nothing is held against this person, and PagerDuty was not asked. */
export function aStanding(change: Partial<Standing> = {}): Standing {
  return { groups: [], facts: 'unknown', onCall: [], switchedOff: undefined, ...change }
}

export function aPlan(change: Partial<Plan> = {}): Plan {
  return {
    target: { service: 'inference' },
    button: 'Restart inference-prod',
    summary: 'Rolling restart of StatefulSet ml/inference-prod',
    details: [],
    parameters: {},
    ...change,
  }
}

export function aRemediation(change: Partial<Remediation> = {}): Remediation {
  return {
    id: 'r-1',
    kind: 'rolling-restart',
    title: 'Rolling restart',
    plan: aPlan(),
    state: 'proposed',
    proposedAt: NOW,
    expiresAt: NOW + 15 * 60_000,
    ...change,
  }
}

export function anIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: 'pd-Q1',
    origin: 'pagerduty',
    title: 'inference-service-prod Memory Usage > 95%',
    service: 'inference',
    status: 'triggered',
    statusAt: NOW,
    openedAt: NOW,
    mergedFrom: [],
    live: true,
    investigations: [],
    remediations: [],
    refusals: [],
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
    headline: 'inference-prod-3 holds 31.2 GB of 32 GB',
    details: [],
    facts: [],
    signals: {},
    charts: [],
    asked: [],
    tookMs: 1,
    ...change,
  }
}

/** Nothing leads, and there is nothing to say. */
export function aDiagnosis(change: Partial<Diagnosis> = {}): Diagnosis {
  return {
    conclusion: 'Nothing stands out',
    says: [],
    ranked: [],
    ruledOut: [],
    unknown: [],
    contradictions: [],
    now: [],
    fix: [],
    answered: 1,
    asked: 1,
    ...change,
  }
}

export function aRunbook(change: Partial<Runbook> = {}): Runbook {
  return {
    name: 'memory',
    title: 'Memory',
    file: 'runbooks/memory.yaml',
    match: { services: [], labels: {} },
    checks: [{ id: 'memory-trend', check: 'memory-trend', parameters: {}, timeoutMs: 1_000 }],
    hypotheses: [
      {
        id: 'leak',
        title: 'Memory leaks',
        prior: 0.2,
        evidence: { growth: { up: 40, flat: 0.05 } },
        says: ['It grows by {memory-trend.growth}.'],
        ruledOut: 'a leak',
        now: ['Restart'],
        fix: ['Find the leak'],
      },
    ],
    remediations: [{ kind: 'rolling-restart', when: ['leak'], minimumConfidence: 0.6, fixes: [], parameters: {} }],
    verifyAfterMs: 60_000,
    verifyAgainAfterMs: 1_800_000,
    ...change,
  }
}
