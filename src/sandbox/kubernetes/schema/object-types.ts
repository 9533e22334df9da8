/** Workloads, nodes and the other served objects down to, but not including, pod templates (API reference v1.34; notation: `parse-types.ts`). */
export const OBJECT_TYPES = `
Deployment = apiVersion kind metadata:ObjectMeta spec:DeploymentSpec status:DeploymentStatus
ReplicaSet = apiVersion kind metadata:ObjectMeta spec:ReplicaSetSpec status:ReplicaSetStatus
StatefulSet = apiVersion kind metadata:ObjectMeta spec:StatefulSetSpec status:StatefulSetStatus
DaemonSet = apiVersion kind metadata:ObjectMeta spec:DaemonSetSpec status:DaemonSetStatus
ControllerRevision = apiVersion data:any kind metadata:ObjectMeta revision:int
Node = apiVersion kind metadata:ObjectMeta spec:NodeSpec status:NodeStatus
Namespace = apiVersion kind metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus
ConfigMap = apiVersion binaryData:{}string data:{}string immutable:bool kind metadata:ObjectMeta
Event = action apiVersion count:int eventTime:time firstTimestamp:time involvedObject:ObjectReference kind
  lastTimestamp:time message metadata:ObjectMeta reason related:ObjectReference reportingComponent reportingInstance
  series:EventSeries source:EventSource type
PodDisruptionBudget = apiVersion kind metadata:ObjectMeta spec:PodDisruptionBudgetSpec
  status:PodDisruptionBudgetStatus
SelfSubjectAccessReview = apiVersion kind metadata:ObjectMeta spec:SelfSubjectAccessReviewSpec
  status:SubjectAccessReviewStatus
SelfSubjectRulesReview = apiVersion kind metadata:ObjectMeta spec:SelfSubjectRulesReviewSpec
  status:SubjectRulesReviewStatus
Eviction = apiVersion deleteOptions:DeleteOptions kind metadata:ObjectMeta
Scale = apiVersion kind metadata:ObjectMeta spec:ScaleSpec status:ScaleStatus
ObjectMeta = annotations:{}string creationTimestamp:time deletionGracePeriodSeconds:int deletionTimestamp:time
  finalizers:[=]string generateName generation:int labels:{}string managedFields:[]ManagedFieldsEntry name namespace
  ownerReferences:[uid]OwnerReference resourceVersion selfLink uid
DeploymentSpec = minReadySeconds:int paused:bool progressDeadlineSeconds:int replicas:int revisionHistoryLimit:int
  selector:LabelSelector strategy:DeploymentStrategy template:PodTemplateSpec
DeploymentStatus = availableReplicas:int collisionCount:int conditions:[type]DeploymentCondition
  observedGeneration:int readyReplicas:int replicas:int terminatingReplicas:int unavailableReplicas:int
  updatedReplicas:int
ReplicaSetSpec = minReadySeconds:int replicas:int selector:LabelSelector template:PodTemplateSpec
ReplicaSetStatus = availableReplicas:int conditions:[type]ReplicaSetCondition fullyLabeledReplicas:int
  observedGeneration:int readyReplicas:int replicas:int terminatingReplicas:int
StatefulSetSpec = minReadySeconds:int ordinals:StatefulSetOrdinals
  persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy
  replicas:int revisionHistoryLimit:int selector:LabelSelector serviceName template:PodTemplateSpec
  updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:[]PersistentVolumeClaim
StatefulSetStatus = availableReplicas:int collisionCount:int conditions:[type]StatefulSetCondition currentReplicas:int
  currentRevision observedGeneration:int readyReplicas:int replicas:int updateRevision updatedReplicas:int
DaemonSetSpec = minReadySeconds:int revisionHistoryLimit:int selector:LabelSelector template:PodTemplateSpec
  updateStrategy:DaemonSetUpdateStrategy
DaemonSetStatus = collisionCount:int conditions:[type]DaemonSetCondition currentNumberScheduled:int
  desiredNumberScheduled:int numberAvailable:int numberMisscheduled:int numberReady:int numberUnavailable:int
  observedGeneration:int updatedNumberScheduled:int
NodeSpec = configSource:NodeConfigSource externalID podCIDR podCIDRs:[]string providerID taints:[]Taint
  unschedulable:bool
NodeStatus = addresses:[type]NodeAddress allocatable:{}quantity capacity:{}quantity conditions:[type]NodeCondition
  config:NodeConfigStatus daemonEndpoints:NodeDaemonEndpoints features:NodeFeatures images:[]ContainerImage
  nodeInfo:NodeSystemInfo phase runtimeHandlers:[]NodeRuntimeHandler volumesAttached:[]AttachedVolume
  volumesInUse:[]string
NamespaceSpec = finalizers:[]string
NamespaceStatus = conditions:[type]NamespaceCondition phase
ObjectReference = apiVersion fieldPath kind name namespace resourceVersion uid
EventSeries = count:int lastObservedTime:time
EventSource = component host
PodDisruptionBudgetSpec = maxUnavailable:intOrString minAvailable:intOrString selector:LabelSelector
  unhealthyPodEvictionPolicy
PodDisruptionBudgetStatus = conditions:[type]Condition currentHealthy:int desiredHealthy:int disruptedPods:{}time
  disruptionsAllowed:int expectedPods:int observedGeneration:int
SelfSubjectAccessReviewSpec = nonResourceAttributes:NonResourceAttributes resourceAttributes:ResourceAttributes
SubjectAccessReviewStatus = allowed:bool denied:bool evaluationError reason
SelfSubjectRulesReviewSpec = namespace
SubjectRulesReviewStatus = evaluationError incomplete:bool nonResourceRules:[]NonResourceRule
  resourceRules:[]ResourceRule
DeleteOptions = apiVersion dryRun:[]string gracePeriodSeconds:int
  ignoreStoreReadErrorWithClusterBreakingPotential:bool kind orphanDependents:bool preconditions:Preconditions
  propagationPolicy
ScaleSpec = replicas:int
ScaleStatus = replicas:int selector
ManagedFieldsEntry = apiVersion fieldsType fieldsV1:any manager operation subresource time:time
OwnerReference = apiVersion blockOwnerDeletion:bool controller:bool kind name uid
LabelSelector = matchExpressions:[]LabelSelectorRequirement matchLabels:{}string
DeploymentStrategy = rollingUpdate:RollingUpdateDeployment type
DeploymentCondition = lastTransitionTime:time lastUpdateTime:time message reason status type
ReplicaSetCondition = lastTransitionTime:time message reason status type
StatefulSetOrdinals = start:int
StatefulSetPersistentVolumeClaimRetentionPolicy = whenDeleted whenScaled
StatefulSetUpdateStrategy = rollingUpdate:RollingUpdateStatefulSetStrategy type
StatefulSetCondition = lastTransitionTime:time message reason status type
DaemonSetUpdateStrategy = rollingUpdate:RollingUpdateDaemonSet type
DaemonSetCondition = lastTransitionTime:time message reason status type
NodeConfigSource = configMap:ConfigMapNodeConfigSource
Taint = effect key timeAdded:time value
NodeAddress = address type
NodeCondition = lastHeartbeatTime:time lastTransitionTime:time message reason status type
NodeConfigStatus = active:NodeConfigSource assigned:NodeConfigSource error lastKnownGood:NodeConfigSource
NodeDaemonEndpoints = kubeletEndpoint:DaemonEndpoint
NodeFeatures = supplementalGroupsPolicy:bool
ContainerImage = names:[]string sizeBytes:int
NodeSystemInfo = architecture bootID containerRuntimeVersion kernelVersion kubeProxyVersion kubeletVersion machineID
  operatingSystem osImage swap:NodeSwapStatus systemUUID
NodeRuntimeHandler = features:NodeRuntimeHandlerFeatures name
AttachedVolume = devicePath name
NamespaceCondition = lastTransitionTime:time message reason status type
Condition = lastTransitionTime:time message observedGeneration:int reason status type
NonResourceAttributes = path verb
ResourceAttributes = fieldSelector:FieldSelectorAttributes group labelSelector:LabelSelectorAttributes name namespace
  resource subresource verb version
NonResourceRule = nonResourceURLs:[]string verbs:[]string
ResourceRule = apiGroups:[]string resourceNames:[]string resources:[]string verbs:[]string
Preconditions = resourceVersion uid
LabelSelectorRequirement = key operator values:[]string
RollingUpdateDeployment = maxSurge:intOrString maxUnavailable:intOrString
RollingUpdateStatefulSetStrategy = maxUnavailable:intOrString partition:int
RollingUpdateDaemonSet = maxSurge:intOrString maxUnavailable:intOrString
ConfigMapNodeConfigSource = kubeletConfigKey name namespace resourceVersion uid
DaemonEndpoint = Port:int
NodeSwapStatus = capacity:int
NodeRuntimeHandlerFeatures = recursiveReadOnlyMounts:bool userNamespaces:bool
FieldSelectorAttributes = rawSelector requirements:[]FieldSelectorRequirement
LabelSelectorAttributes = rawSelector requirements:[]LabelSelectorRequirement
FieldSelectorRequirement = key operator values:[]string
`
