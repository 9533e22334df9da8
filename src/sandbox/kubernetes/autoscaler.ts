import { invalidValue, required } from './field-causes.ts'
import { fieldsOf, type JsonObject } from './json.ts'
import type { StatusCause } from './status-error.ts'

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }

/** What the API server fills in, but for `behavior` (`pkg/apis/autoscaling/v2/defaults.go`). */
export const autoscalerDefaults = (spec: JsonObject): JsonObject => ({
  minReplicas: 1,
  ...spec,
  metrics: Array.isArray(spec.metrics) && spec.metrics.length > 0 ? spec.metrics : [CPU],
})

/** The rules for the bounds and the target (`pkg/apis/autoscaling/validation`); metrics are not looked into. */
export function autoscalerCauses(spec: JsonObject): readonly StatusCause[] {
  const { minReplicas, maxReplicas } = spec
  const target = fieldsOf(spec.scaleTargetRef)
  const causes: StatusCause[] = []
  if (!target.kind) causes.push(required('spec.scaleTargetRef.kind'))
  if (!target.name) causes.push(required('spec.scaleTargetRef.name'))
  const min = typeof minReplicas === 'number' ? minReplicas : 1
  const max = typeof maxReplicas === 'number' ? maxReplicas : 0
  if (min < 1) causes.push(invalidValue('spec.minReplicas', min, 'must be greater than or equal to 1'))
  if (max < 1) causes.push(invalidValue('spec.maxReplicas', max, 'must be greater than 0'))
  if (max < min) causes.push(invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'))
  return causes
}
