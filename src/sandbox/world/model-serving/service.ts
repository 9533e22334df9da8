/** The service of the first incident, as everybody around it names it. */
export const SERVICE = 'inference'
export const NAMESPACE = 'ml'
export const WORKLOAD = 'inference-prod'
export const CONTAINER = 'inference'
/** StatefulSets count from 0; the last one is the fullest. */
export const PODS = ['inference-prod-0', 'inference-prod-1', 'inference-prod-2', 'inference-prod-3'] as const
/** Kubernetes' `32G` is decimal. */
export const LIMIT = '32G'
export const LIMIT_BYTES = 32e9
export const PAGERDUTY_SERVICE = { id: 'PINFER1', name: 'inference-service-prod' } as const
