import type { AlertFacts } from '../../src/domain/alert.ts'
import { NOW } from '../builders.ts'

export function anAlert(change: Partial<AlertFacts> = {}): AlertFacts {
  return {
    fingerprint: '1a30ba71cca2921f',
    status: 'firing',
    title: 'HighMemory: inference-prod-3 holds 31 GB',
    startsAt: NOW,
    at: NOW,
    urgency: 'high',
    service: 'inference',
    serviceName: 'inference',
    details: { alertname: 'HighMemory', service: 'inference', severity: 'critical' },
    ...change,
  }
}

/** The body of a notification as Alertmanager's documentation has it. */
export function aNotification(change: object = {}, alert: object = {}): Record<string, unknown> {
  return {
    receiver: 'incbot',
    status: 'firing',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'HighMemory', service: 'inference', severity: 'critical', pod: 'inference-prod-3' },
        annotations: { summary: 'inference-prod-3 holds 31 GB' },
        startsAt: '2026-03-15T04:42:00.123456789+01:00',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example:9090/graph?g0.expr=x',
        fingerprint: '1a30ba71cca2921f',
        ...alert,
      },
    ],
    groupLabels: { service: 'inference' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example:9093',
    version: '4',
    groupKey: '{}:{service="inference"}',
    truncatedAlerts: 0,
    ...change,
  }
}
