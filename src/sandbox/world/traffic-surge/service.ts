/** The service of the second incident, as everybody around it names it. */
export const SERVICE = 'prediction'
export const NAMESPACE = 'reco'
export const WORKLOAD = 'prediction'
/** Deployment of the replicas that are brought up out of rotation. */
export const SPARE = 'prediction-spare'
export const CONTAINER = 'prediction'
export const PAGERDUTY_SERVICE = { id: 'PRECO1', name: 'reco' } as const

/** The autoscaler's bounds, and the CPU it aims at: half of a node's eight cores. */
export const MIN_REPLICAS = 6
export const MAX_REPLICAS = 80
export const CORES = 8
export const TARGET_CORES = 4

/** An n1-highcpu-8: 7.0 GiB are visible, and what GKE keeps of them leaves 5.3 GiB. */
export const MACHINE = 'n1-highcpu-8'
export const CAPACITY = '7340032Ki'
export const ALLOCATABLE = '5559910Ki'
export const CAPACITY_BYTES = 7_340_032 * 1024
export const ALLOCATABLE_BYTES = 5_559_910 * 1024
/** The DaemonSet on every node takes this of it. */
export const AGENT_MEMORY = '24Mi'
/** What is left for a pod. No container limit stands in between: where this ends, the kernel kills. */
export const CEILING_BYTES = ALLOCATABLE_BYTES - 24 * 2 ** 20
