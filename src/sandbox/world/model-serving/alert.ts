import type { PagerDutyStandIn } from '../../pagerduty/index.ts'
import type { ModelServingFacts } from './facts.ts'
import { PAGERDUTY_SERVICE } from './service.ts'

const TITLE = 'CRITICAL: inference-service-prod Memory Usage > 95%'

/** The page of the first incident, with the numbers as a monitor would have computed them. */
export function triggerAlert(
  pagerduty: PagerDutyStandIn,
  { pod, levelBytes, limitBytes, wholeWindowBytesPerHour }: ModelServingFacts,
): { readonly id: string; readonly number: number; readonly title: string } {
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
  const { id, number } = pagerduty.trigger({
    serviceId: PAGERDUTY_SERVICE.id,
    title: TITLE,
    details: {
      service: 'inference (8005)',
      instance: `${pod}.us-east-1`,
      memory: `${gigabytes(levelBytes)} GB / ${limitBytes / 1e9} GB (${((levelBytes / limitBytes) * 100).toFixed(1)}%)`,
      trend: `Increasing ${gigabytes(wholeWindowBytesPerHour)} GB/hour for past 6 hours`,
    },
  })
  return { id, number, title: TITLE }
}
