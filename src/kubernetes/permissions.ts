import type { Permission } from '../remediations/cluster.ts'
import type { ClusterApi } from './connect.ts'

/** Whether the account that asks may do this; every account may ask it about itself. */
export async function isPermitted(
  api: ClusterApi,
  namespace: string,
  { verb, group, resource, name }: Permission,
  signal: AbortSignal,
): Promise<boolean> {
  const [plural = '', subresource] = resource.split('/')
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        namespace,
        verb,
        group,
        resource: plural,
        ...(subresource !== undefined && { subresource }),
        ...(name !== undefined && { name }),
      },
    },
  }
  const { status } = await api.authorization.createSelfSubjectAccessReview({ body }, api.options(signal))
  return status?.allowed === true
}
