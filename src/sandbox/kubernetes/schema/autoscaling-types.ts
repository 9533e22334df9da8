/** Autoscalers and everything in them (API reference v1.34, `autoscaling/v2`; notation: `parse-types.ts`). */
export const AUTOSCALING_TYPES = `
HorizontalPodAutoscaler = apiVersion kind metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec
  status:HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerSpec = behavior:HorizontalPodAutoscalerBehavior maxReplicas:int metrics:[]MetricSpec
  minReplicas:int scaleTargetRef:CrossVersionObjectReference
HorizontalPodAutoscalerStatus = conditions:[type]HorizontalPodAutoscalerCondition currentMetrics:[]MetricStatus
  currentReplicas:int desiredReplicas:int lastScaleTime:time observedGeneration:int
HorizontalPodAutoscalerBehavior = scaleDown:HPAScalingRules scaleUp:HPAScalingRules
HPAScalingRules = policies:[]HPAScalingPolicy selectPolicy stabilizationWindowSeconds:int tolerance:quantity
HPAScalingPolicy = periodSeconds:int type value:int
HorizontalPodAutoscalerCondition = lastTransitionTime:time message reason status type
CrossVersionObjectReference = apiVersion kind name
MetricSpec = containerResource:ContainerResourceMetricSource external:ExternalMetricSource object:ObjectMetricSource
  pods:PodsMetricSource resource:ResourceMetricSource type
ContainerResourceMetricSource = container name target:MetricTarget
ExternalMetricSource = metric:MetricIdentifier target:MetricTarget
ObjectMetricSource = describedObject:CrossVersionObjectReference metric:MetricIdentifier target:MetricTarget
PodsMetricSource = metric:MetricIdentifier target:MetricTarget
ResourceMetricSource = name target:MetricTarget
MetricIdentifier = name selector:LabelSelector
MetricTarget = averageUtilization:int averageValue:quantity type value:quantity
MetricStatus = containerResource:ContainerResourceMetricStatus external:ExternalMetricStatus object:ObjectMetricStatus
  pods:PodsMetricStatus resource:ResourceMetricStatus type
ContainerResourceMetricStatus = container current:MetricValueStatus name
ExternalMetricStatus = current:MetricValueStatus metric:MetricIdentifier
ObjectMetricStatus = current:MetricValueStatus describedObject:CrossVersionObjectReference metric:MetricIdentifier
PodsMetricStatus = current:MetricValueStatus metric:MetricIdentifier
ResourceMetricStatus = current:MetricValueStatus name
MetricValueStatus = averageUtilization:int averageValue:quantity value:quantity
`
