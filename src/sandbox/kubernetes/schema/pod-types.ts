/** Pods and everything inside a pod template except its volumes (API reference v1.34; notation: `parse-types.ts`). */
export const POD_TYPES = `
Pod = apiVersion kind metadata:ObjectMeta spec:PodSpec status:PodStatus
PodTemplateSpec = metadata:ObjectMeta spec:PodSpec
PodSpec = activeDeadlineSeconds:int affinity:Affinity automountServiceAccountToken:bool containers:[name]Container
  dnsConfig:PodDNSConfig dnsPolicy enableServiceLinks:bool ephemeralContainers:[name]EphemeralContainer
  hostAliases:[ip]HostAlias hostIPC:bool hostNetwork:bool hostPID:bool hostUsers:bool hostname hostnameOverride
  imagePullSecrets:[name]LocalObjectReference initContainers:[name]Container nodeName nodeSelector:{}string os:PodOS
  overhead:{}string preemptionPolicy priority:int priorityClassName readinessGates:[]PodReadinessGate
  resourceClaims:[name]PodResourceClaim resources:ResourceRequirements restartPolicy runtimeClassName schedulerName
  schedulingGates:[name]PodSchedulingGate securityContext:PodSecurityContext serviceAccount serviceAccountName
  setHostnameAsFQDN:bool shareProcessNamespace:bool subdomain terminationGracePeriodSeconds:int
  tolerations:[]Toleration topologySpreadConstraints:[topologyKey]TopologySpreadConstraint volumes:[name]Volume
PodStatus = conditions:[type]PodCondition containerStatuses:[]ContainerStatus
  ephemeralContainerStatuses:[]ContainerStatus extendedResourceClaimStatus:PodExtendedResourceClaimStatus hostIP
  hostIPs:[]HostIP initContainerStatuses:[]ContainerStatus message nominatedNodeName observedGeneration:int phase
  podIP podIPs:[ip]PodIP qosClass reason resize resourceClaimStatuses:[]PodResourceClaimStatus startTime:time
Affinity = nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
Container = args:[]string command:[]string env:[name]EnvVar envFrom:[]EnvFromSource image imagePullPolicy
  lifecycle:Lifecycle livenessProbe:Probe name ports:[containerPort]ContainerPort readinessProbe:Probe
  resizePolicy:[]ContainerResizePolicy resources:ResourceRequirements restartPolicy
  restartPolicyRules:[]ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:bool
  stdinOnce:bool terminationMessagePath terminationMessagePolicy tty:bool volumeDevices:[devicePath]VolumeDevice
  volumeMounts:[mountPath]VolumeMount workingDir
PodDNSConfig = nameservers:[]string options:[]PodDNSConfigOption searches:[]string
EphemeralContainer = args:[]string command:[]string env:[name]EnvVar envFrom:[]EnvFromSource image imagePullPolicy
  lifecycle:Lifecycle livenessProbe:Probe name ports:[containerPort]ContainerPort readinessProbe:Probe
  resizePolicy:[]ContainerResizePolicy resources:ResourceRequirements restartPolicy
  restartPolicyRules:[]ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:bool
  stdinOnce:bool targetContainerName terminationMessagePath terminationMessagePolicy tty:bool
  volumeDevices:[devicePath]VolumeDevice volumeMounts:[mountPath]VolumeMount workingDir
HostAlias = hostnames:[]string ip
PodOS = name
PodReadinessGate = conditionType
PodResourceClaim = name resourceClaimName resourceClaimTemplateName
ResourceRequirements = claims:[]ResourceClaim limits:{}quantity requests:{}quantity
PodSchedulingGate = name
PodSecurityContext = appArmorProfile:AppArmorProfile fsGroup:int fsGroupChangePolicy runAsGroup:int runAsNonRoot:bool
  runAsUser:int seLinuxChangePolicy seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile
  supplementalGroups:[]int supplementalGroupsPolicy sysctls:[]Sysctl windowsOptions:WindowsSecurityContextOptions
Toleration = effect key operator tolerationSeconds:int value
TopologySpreadConstraint = labelSelector:LabelSelector matchLabelKeys:[]string maxSkew:int minDomains:int
  nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable
PodCondition = lastProbeTime:time lastTransitionTime:time message observedGeneration:int reason status type
ContainerStatus = allocatedResources:{}quantity allocatedResourcesStatus:[]ResourceStatus containerID image imageID
  lastState:ContainerState name ready:bool resources:ResourceRequirements restartCount:int started:bool
  state:ContainerState stopSignal user:ContainerUser volumeMounts:[]VolumeMountStatus
PodExtendedResourceClaimStatus = requestMappings:[]ContainerExtendedResourceRequest resourceClaimName
HostIP = ip
PodIP = ip
PodResourceClaimStatus = name resourceClaimName
NodeAffinity = preferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm
  requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
PodAffinity = preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
  requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
PodAntiAffinity = preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
  requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
EnvVar = name value valueFrom:EnvVarSource
EnvFromSource = configMapRef:ConfigMapEnvSource prefix secretRef:SecretEnvSource
Lifecycle = postStart:LifecycleHandler preStop:LifecycleHandler stopSignal
Probe = exec:ExecAction failureThreshold:int grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:int
  periodSeconds:int successThreshold:int tcpSocket:TCPSocketAction terminationGracePeriodSeconds:int
  timeoutSeconds:int
ContainerPort = containerPort:int hostIP hostPort:int name protocol
ContainerResizePolicy = resourceName restartPolicy
ContainerRestartRule = action exitCodes:ContainerRestartRuleOnExitCodes
SecurityContext = allowPrivilegeEscalation:bool appArmorProfile:AppArmorProfile capabilities:Capabilities
  privileged:bool procMount readOnlyRootFilesystem:bool runAsGroup:int runAsNonRoot:bool runAsUser:int
  seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions
VolumeDevice = devicePath name
VolumeMount = mountPath mountPropagation name readOnly:bool recursiveReadOnly subPath subPathExpr
PodDNSConfigOption = name value
ResourceClaim = name request
AppArmorProfile = localhostProfile type
SELinuxOptions = level role type user
SeccompProfile = localhostProfile type
Sysctl = name value
WindowsSecurityContextOptions = gmsaCredentialSpec gmsaCredentialSpecName hostProcess:bool runAsUserName
ResourceStatus = name resources:[]ResourceHealth
ContainerState = running:ContainerStateRunning terminated:ContainerStateTerminated waiting:ContainerStateWaiting
ContainerUser = linux:LinuxContainerUser
VolumeMountStatus = mountPath name readOnly:bool recursiveReadOnly
ContainerExtendedResourceRequest = containerName requestName resourceName
PreferredSchedulingTerm = preference:NodeSelectorTerm weight:int
NodeSelector = nodeSelectorTerms:[]NodeSelectorTerm
WeightedPodAffinityTerm = podAffinityTerm:PodAffinityTerm weight:int
PodAffinityTerm = labelSelector:LabelSelector matchLabelKeys:[]string mismatchLabelKeys:[]string
  namespaceSelector:LabelSelector namespaces:[]string topologyKey
EnvVarSource = configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector
  resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
ConfigMapEnvSource = name optional:bool
SecretEnvSource = name optional:bool
LifecycleHandler = exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
ExecAction = command:[]string
GRPCAction = port:int service
HTTPGetAction = host httpHeaders:[]HTTPHeader path port:intOrString scheme
TCPSocketAction = host port:intOrString
ContainerRestartRuleOnExitCodes = operator values:[]int
Capabilities = add:[]string drop:[]string
ResourceHealth = health resourceID
ContainerStateRunning = startedAt:time
ContainerStateTerminated = containerID exitCode:int finishedAt:time message reason signal:int startedAt:time
ContainerStateWaiting = message reason
LinuxContainerUser = gid:int supplementalGroups:[]int uid:int
NodeSelectorTerm = matchExpressions:[]NodeSelectorRequirement matchFields:[]NodeSelectorRequirement
ConfigMapKeySelector = key name optional:bool
FileKeySelector = key optional:bool path volumeName
SecretKeySelector = key name optional:bool
SleepAction = seconds:int
HTTPHeader = name value
NodeSelectorRequirement = key operator values:[]string
`
