import type { KubeObject } from '../object.ts'
import { selectorMatches } from '../selectors.ts'
import type { Attributes, MatchResources, ResourceRule } from './policy.ts'

/** Whether a write concerns a policy or binding; without `resourceRules`, as a binding may be, every write does. */
export function concerns(match: MatchResources, written: Attributes, namespace: KubeObject | undefined): boolean {
  const { resourceRules, excludeResourceRules = [], namespaceSelector, objectSelector } = match
  if (resourceRules !== undefined && !resourceRules.some((rule) => ruleMatches(rule, written))) return false
  if (excludeResourceRules.some((rule) => ruleMatches(rule, written))) return false
  // What belongs to no namespace is selected by every namespaceSelector.
  if (written.namespace !== undefined && !selects(namespaceSelector, namespace)) return false
  return (
    selects(objectSelector, written.object) ||
    (written.oldObject !== undefined && selects(objectSelector, written.oldObject))
  )
}

function ruleMatches(rule: ResourceRule, written: Attributes): boolean {
  const { operation, group, version, resource, subresource, namespace, name } = written
  return (
    includes(rule.operations, operation) &&
    includes(rule.apiGroups, group) &&
    includes(rule.apiVersions, version) &&
    rule.resources.some((one) => resourceMatches(one, resource, subresource)) &&
    (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name)) &&
    (rule.scope === undefined || rule.scope === '*' || (rule.scope === 'Namespaced') === (namespace !== undefined))
  )
}

/** `deployments` is not `deployments/scale`, and neither is `*`; that would be `*\/*`. */
function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
  const [wanted = '', below = ''] = pattern.split('/')
  return (wanted === '*' || wanted === resource) && (below === '*' || below === subresource)
}

const includes = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value)

const selects = (selector: MatchResources['namespaceSelector'], object: KubeObject | undefined): boolean =>
  selector === undefined || selectorMatches(selector, object?.metadata.labels)
