/** Admission policies and their bindings (API reference v1.34; notation: `parse-types.ts`). */
export const ADMISSION_TYPES = `
ValidatingAdmissionPolicy = apiVersion kind metadata:ObjectMeta spec:ValidatingAdmissionPolicySpec
  status:ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicyBinding = apiVersion kind metadata:ObjectMeta spec:ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicySpec = auditAnnotations:[]AuditAnnotation failurePolicy matchConditions:[name]MatchCondition
  matchConstraints:MatchResources paramKind:ParamKind validations:[]Validation variables:[name]Variable
ValidatingAdmissionPolicyStatus = conditions:[type]Condition observedGeneration:int typeChecking:TypeChecking
ValidatingAdmissionPolicyBindingSpec = matchResources:MatchResources paramRef:ParamRef policyName
  validationActions:[=]string
AuditAnnotation = key valueExpression
MatchCondition = expression name
MatchResources = excludeResourceRules:[]NamedRuleWithOperations matchPolicy namespaceSelector:LabelSelector
  objectSelector:LabelSelector resourceRules:[]NamedRuleWithOperations
NamedRuleWithOperations = apiGroups:[]string apiVersions:[]string operations:[]string resourceNames:[]string
  resources:[]string scope
ParamKind = apiVersion kind
ParamRef = name namespace parameterNotFoundAction selector:LabelSelector
Validation = expression message messageExpression reason
Variable = expression name
TypeChecking = expressionWarnings:[]ExpressionWarning
ExpressionWarning = fieldRef warning
`
