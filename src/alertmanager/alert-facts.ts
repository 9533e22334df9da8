import type { AlertFacts } from '../domain/alert.ts'
import type { Service } from '../domain/service.ts'
import { oneLine } from '../pagerduty/text.ts'
import type { ReceivedAlert } from './notification.ts'

/** How alerts are read: which label names the service, which says how bad it is. */
export interface AlertRules {
  readonly serviceLabel: string
  readonly severityLabel: string
  /** Severities of high urgency. */
  readonly highSeverities: readonly string[]
}

type Labels = Readonly<Record<string, string>>

const MAX_TITLE = 300

/**
 * Reads alerts against the catalogue. A service claims an alert by `alerts`, the most specific claim first (the configuration lets no two
 * contradict each other); otherwise the service label names it. An alert without a severity is urgent: nobody said that it is not.
 */
export function alertReader(
  services: readonly Pick<Service, 'name' | 'alerts'>[],
  { serviceLabel, severityLabel, highSeverities }: AlertRules,
): (alert: ReceivedAlert, now: number) => AlertFacts {
  const names = new Set(services.map(({ name }) => name))
  const claims = services
    .flatMap(({ name, alerts = [] }) => alerts.map((labels) => ({ name, wanted: Object.entries(labels) })))
    .sort((left, right) => right.wanted.length - left.wanted.length)

  function serviceOf(labels: Labels): string | undefined {
    const claim = claims.find(({ wanted }) => wanted.every(([name, value]) => labels[name] === value))
    const named = labels[serviceLabel]
    return claim?.name ?? (named !== undefined && names.has(named) ? named : undefined)
  }

  return ({ fingerprint, status, labels, annotations, startsAt, generatorURL }, now) => {
    const service = serviceOf(labels)
    const severity = labels[severityLabel]
    return {
      fingerprint,
      status,
      title: titleOf(labels, annotations),
      startsAt,
      at: now,
      urgency: severity === undefined || highSeverities.includes(severity) ? 'high' : 'low',
      ...(service !== undefined && { service }),
      serviceName: oneLine(labels[serviceLabel] || labels.job || labels.alertname || 'unknown', 100),
      ...(generatorURL !== undefined && { url: generatorURL }),
      details: { ...annotations, ...labels },
    }
  }
}

function titleOf({ alertname = 'Alert' }: Labels, { summary, description }: Labels): string {
  const text = summary || description || ''
  return oneLine(text === '' || text.startsWith(alertname) ? text || alertname : `${alertname}: ${text}`, MAX_TITLE)
}
