import type { PagerDutyStandIn } from '../../pagerduty/index.ts'
import { PAGERDUTY_SERVICE } from './service.ts'
import type { PredictionSystem } from './system.ts'

/** The page of the second incident, with the numbers as a monitor would have computed them. */
export function triggerAlert(
  pagerduty: PagerDutyStandIn,
  { rps, failing }: PredictionSystem,
): { readonly id: string; readonly number: number; readonly title: string } {
  const title = `prediction 5xx ${Math.round(failing * 100)} %`
  const { id, number } = pagerduty.trigger({
    serviceId: PAGERDUTY_SERVICE.id,
    title,
    details: {
      endpoint: 'prediction',
      errors: `HTTP 503 on ${Math.round(failing * 100)} % of ${(rps / 1_000).toFixed(1)}k requests per second`,
    },
  })
  return { id, number, title }
}
