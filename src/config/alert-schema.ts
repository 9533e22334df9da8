import { z } from 'zod'
import { duration, line } from './fields.ts'

/** Prometheus' own rule for names of labels. */
export const labelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/, { error: 'expected the name of a label such as pod' })

/** Where one of these sets of labels is part of an alert's, the alert is about the service. */
export const alertClaims = z
  .array(
    z
      .record(labelName, line)
      .refine((labels) => Object.keys(labels).length > 0, { error: 'expected at least one label and its value' }),
  )
  .describe('Labels by which Alertmanager’s alerts are recognised; one set of them is enough, in each all must fit.')

export const alertmanagerSchema = z
  .strictObject({
    serviceLabel: labelName.default('service').describe('The label that names an entry of services.'),
    severityLabel: labelName.default('severity').describe('The label that says how bad it is.'),
    highSeverities: z
      .array(line)
      .default(['critical', 'page'])
      .describe('Its values of high urgency; others are low, and an alert without the label is high.'),
  })
  .prefault({})
  .describe('How alerts of Prometheus’ Alertmanager are read.')

const LONGEST_MS = 24 * 3_600_000

export const groupingSchema = z
  .strictObject({
    within: z
      .union([z.literal('off').transform(() => 0), duration()])
      .prefault('10m')
      .refine((ms) => ms <= LONGEST_MS, { error: 'expected off or at most 24h' })
      .describe('For how long after an incident others of the same service and runbook join it; off: never.'),
  })
  .prefault({})
  .describe('One incident for a storm of alerts.')
