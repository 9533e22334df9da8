import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from './admission/policy.ts'
import type { Condition, KubeObject, LabelSelector, ObjectMeta } from './object.ts'

/** A number of pods, or a percentage such as `25%`. */
export type IntOrPercent = number | string

export interface Container {
  readonly name: string
  readonly image: string
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>
    readonly limits?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

export interface PodSpec {
  readonly nodeName?: string
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly containers: readonly Container[]
  readonly terminationGracePeriodSeconds?: number
  readonly tolerations?: readonly Toleration[]
  readonly affinity?: { readonly nodeAffinity?: NodeAffinity; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms: readonly NodeSelectorTerm[] }
  readonly [field: string]: unknown
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[]
  readonly matchFields?: readonly { key: string; operator: string; values?: readonly string[] }[]
}

export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>
  readonly spec: PodSpec
}

export interface TerminatedState {
  readonly exitCode: number
  readonly reason: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly containerID: string
}

interface ContainerState {
  readonly running?: { readonly startedAt: string }
  readonly waiting?: { readonly reason: string }
  readonly terminated?: TerminatedState
}

export interface ContainerStatus {
  readonly name: string
  readonly image: string
  readonly imageID: string
  readonly containerID?: string
  readonly ready: boolean
  readonly started: boolean
  readonly restartCount: number
  readonly state: ContainerState
  readonly lastState: ContainerState
}

export interface PodStatus {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  readonly conditions?: readonly Condition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly podIP?: string
  readonly startTime?: string
  readonly [field: string]: unknown
}

export interface Pod extends KubeObject {
  readonly spec: PodSpec
  readonly status: PodStatus
}

export interface Node extends KubeObject {
  readonly spec: {
    readonly unschedulable?: boolean
    readonly taints?: readonly { key: string; value?: string; effect: string }[]
  }
  readonly status: {
    readonly allocatable?: Readonly<Record<string, string>>
    readonly conditions?: readonly Condition[]
    readonly addresses?: readonly { type: string; address: string }[]
    readonly [field: string]: unknown
  }
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas: number
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly paused?: boolean
    readonly minReadySeconds?: number
    readonly revisionHistoryLimit: number
    readonly progressDeadlineSeconds: number
    readonly strategy:
      | { readonly type: 'Recreate' }
      | {
          readonly type: 'RollingUpdate'
          readonly rollingUpdate: { readonly maxSurge: IntOrPercent; readonly maxUnavailable: IntOrPercent }
        }
  }
  readonly status: {
    readonly replicas?: number
    readonly conditions?: readonly Condition[]
    readonly observedGeneration?: number
    readonly [field: string]: unknown
  }
}

export interface ReplicaSet extends KubeObject {
  readonly spec: {
    readonly replicas: number
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly minReadySeconds?: number
  }
  readonly status: {
    readonly replicas: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly observedGeneration?: number
    readonly fullyLabeledReplicas?: number
  }
}

export interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly replicas: number
    readonly serviceName?: string
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly minReadySeconds?: number
    readonly revisionHistoryLimit: number
    readonly podManagementPolicy: 'OrderedReady' | 'Parallel'
    readonly updateStrategy: {
      readonly type: 'RollingUpdate' | 'OnDelete'
      readonly rollingUpdate?: { readonly partition?: number }
    }
  }
  readonly status: {
    readonly replicas: number
    readonly currentRevision?: string
    readonly updateRevision?: string
    readonly [field: string]: unknown
  }
}

export interface DaemonSet extends KubeObject {
  readonly spec: {
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly minReadySeconds?: number
    readonly revisionHistoryLimit: number
    readonly updateStrategy: {
      readonly type: 'RollingUpdate' | 'OnDelete'
      readonly rollingUpdate?: { readonly maxUnavailable: IntOrPercent }
    }
  }
  readonly status: { readonly [field: string]: unknown }
}

export interface ControllerRevision extends KubeObject {
  readonly revision: number
  readonly data: { readonly spec: { readonly template: PodTemplate & { readonly $patch: 'replace' } } }
}

export interface PodDisruptionBudget extends KubeObject {
  readonly spec: {
    readonly selector?: LabelSelector
    readonly minAvailable?: IntOrPercent
    readonly maxUnavailable?: IntOrPercent
  }
  readonly status: { readonly disruptionsAllowed?: number; readonly [field: string]: unknown }
}

export interface HorizontalPodAutoscaler extends KubeObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string; readonly apiVersion?: string }
    readonly minReplicas: number
    readonly maxReplicas: number
    readonly metrics: readonly unknown[]
  }
  readonly status: {
    readonly currentReplicas?: number
    readonly desiredReplicas?: number
    readonly conditions?: readonly Condition[]
    readonly [field: string]: unknown
  }
}

/** Every kind that the stand-in stores, as it is after decoding, defaulting and validation. */
export interface Kinds {
  readonly Namespace: KubeObject
  readonly Node: Node
  readonly Pod: Pod
  readonly ConfigMap: KubeObject
  readonly Event: KubeObject
  readonly Deployment: Deployment
  readonly ReplicaSet: ReplicaSet
  readonly StatefulSet: StatefulSet
  readonly DaemonSet: DaemonSet
  readonly ControllerRevision: ControllerRevision
  readonly PodDisruptionBudget: PodDisruptionBudget
  readonly HorizontalPodAutoscaler: HorizontalPodAutoscaler
  readonly ValidatingAdmissionPolicy: ValidatingAdmissionPolicy
  readonly ValidatingAdmissionPolicyBinding: ValidatingAdmissionPolicyBinding
}

export type Kind = keyof Kinds
