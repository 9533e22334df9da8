/** Volumes and volume claims as pod templates and stateful sets name them (API reference v1.34; notation: `parse-types.ts`). */
export const VOLUME_TYPES = `
Volume = awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
  azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource
  csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource
  ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource
  gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource
  hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource name nfs:NFSVolumeSource
  persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource
  portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource
  scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource
  vsphereVolume:VsphereVirtualDiskVolumeSource
PersistentVolumeClaim = apiVersion kind metadata:ObjectMeta spec:PersistentVolumeClaimSpec
  status:PersistentVolumeClaimStatus
AWSElasticBlockStoreVolumeSource = fsType partition:int readOnly:bool volumeID
AzureDiskVolumeSource = cachingMode diskName diskURI fsType kind readOnly:bool
AzureFileVolumeSource = readOnly:bool secretName shareName
CephFSVolumeSource = monitors:[]string path readOnly:bool secretFile secretRef:LocalObjectReference user
CinderVolumeSource = fsType readOnly:bool secretRef:LocalObjectReference volumeID
ConfigMapVolumeSource = defaultMode:int items:[]KeyToPath name optional:bool
CSIVolumeSource = driver fsType nodePublishSecretRef:LocalObjectReference readOnly:bool volumeAttributes:{}string
DownwardAPIVolumeSource = defaultMode:int items:[]DownwardAPIVolumeFile
EmptyDirVolumeSource = medium sizeLimit:quantity
EphemeralVolumeSource = volumeClaimTemplate:PersistentVolumeClaimTemplate
FCVolumeSource = fsType lun:int readOnly:bool targetWWNs:[]string wwids:[]string
FlexVolumeSource = driver fsType options:{}string readOnly:bool secretRef:LocalObjectReference
FlockerVolumeSource = datasetName datasetUUID
GCEPersistentDiskVolumeSource = fsType partition:int pdName readOnly:bool
GitRepoVolumeSource = directory repository revision
GlusterfsVolumeSource = endpoints path readOnly:bool
HostPathVolumeSource = path type
ImageVolumeSource = pullPolicy reference
ISCSIVolumeSource = chapAuthDiscovery:bool chapAuthSession:bool fsType initiatorName iqn iscsiInterface lun:int
  portals:[]string readOnly:bool secretRef:LocalObjectReference targetPortal
NFSVolumeSource = path readOnly:bool server
PersistentVolumeClaimVolumeSource = claimName readOnly:bool
PhotonPersistentDiskVolumeSource = fsType pdID
PortworxVolumeSource = fsType readOnly:bool volumeID
ProjectedVolumeSource = defaultMode:int sources:[]VolumeProjection
QuobyteVolumeSource = group readOnly:bool registry tenant user volume
RBDVolumeSource = fsType image keyring monitors:[]string pool readOnly:bool secretRef:LocalObjectReference user
ScaleIOVolumeSource = fsType gateway protectionDomain readOnly:bool secretRef:LocalObjectReference sslEnabled:bool
  storageMode storagePool system volumeName
SecretVolumeSource = defaultMode:int items:[]KeyToPath optional:bool secretName
StorageOSVolumeSource = fsType readOnly:bool secretRef:LocalObjectReference volumeName volumeNamespace
VsphereVirtualDiskVolumeSource = fsType storagePolicyID storagePolicyName volumePath
PersistentVolumeClaimSpec = accessModes:[]string dataSource:TypedLocalObjectReference
  dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector storageClassName
  volumeAttributesClassName volumeMode volumeName
PersistentVolumeClaimStatus = accessModes:[]string allocatedResourceStatuses:{}string allocatedResources:{}quantity
  capacity:{}quantity conditions:[]PersistentVolumeClaimCondition currentVolumeAttributesClassName
  modifyVolumeStatus:ModifyVolumeStatus phase
LocalObjectReference = name
KeyToPath = key mode:int path
DownwardAPIVolumeFile = fieldRef:ObjectFieldSelector mode:int path resourceFieldRef:ResourceFieldSelector
PersistentVolumeClaimTemplate = metadata:ObjectMeta spec:PersistentVolumeClaimSpec
VolumeProjection = clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection
  downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection
  serviceAccountToken:ServiceAccountTokenProjection
TypedLocalObjectReference = apiGroup kind name
TypedObjectReference = apiGroup kind name namespace
VolumeResourceRequirements = limits:{}quantity requests:{}quantity
PersistentVolumeClaimCondition = lastProbeTime:time lastTransitionTime:time message reason status type
ModifyVolumeStatus = status targetVolumeAttributesClassName
ObjectFieldSelector = apiVersion fieldPath
ResourceFieldSelector = containerName divisor:quantity resource
ClusterTrustBundleProjection = labelSelector:LabelSelector name optional:bool path signerName
ConfigMapProjection = items:[]KeyToPath name optional:bool
DownwardAPIProjection = items:[]DownwardAPIVolumeFile
PodCertificateProjection = certificateChainPath credentialBundlePath keyPath keyType maxExpirationSeconds:int
  signerName
SecretProjection = items:[]KeyToPath name optional:bool
ServiceAccountTokenProjection = audience expirationSeconds:int path
`
