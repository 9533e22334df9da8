import { describe, expect, it } from '@jest/globals'
import * as client from '@kubernetes/client-node'
import { decode } from '../../../src/sandbox/kubernetes/schema/decode.ts'
import { objectType } from '../../../src/sandbox/kubernetes/schema/parse-types.ts'

/** The fields of a type as the official client, generated from the API's own specification, knows them. */
function officialFields(type: string): string[] {
  const found: unknown = Reflect.get(client, `V1${type}`) ?? Reflect.get(client, type)
  // Every generated model class has this static method.
  const { getAttributeTypeMap } = found as { getAttributeTypeMap(this: void): { baseName: string }[] }
  return getAttributeTypeMap()
    .map(({ baseName }) => baseName)
    .sort()
}

describe('the known fields', () => {
  it.each([
    'ObjectMeta',
    'DeploymentSpec',
    'DeploymentStatus',
    'ReplicaSetSpec',
    'StatefulSetSpec',
    'DaemonSetSpec',
    'PodSpec',
    'PodStatus',
    'Container',
    'ContainerStatus',
    'Volume',
    'NodeSpec',
    'NodeStatus',
    'PodDisruptionBudgetSpec',
    'Probe',
    'Affinity',
    'ConfigMap',
    'DeleteOptions',
    'ResourceAttributes',
  ])('of %s are those of the official client', (type) => {
    expect([...(objectType(type)?.keys() ?? [])].sort()).toEqual(officialFields(type))
  })
})

describe('decoding', () => {
  const container = (fields: Record<string, unknown>) => ({ spec: { containers: [{ name: 'a', ...fields }] } })

  it('reports unknown fields with their path and drops them', () => {
    const { value, unknownFields } = decode('Pod', container({ imagePullPolice: 'Always' }))
    expect(unknownFields).toEqual(['spec.containers[0].imagePullPolice'])
    expect(value).toEqual(container({}))
  })

  it('takes null for absent, and numbers for quantities', () => {
    const resources = { requests: { cpu: 2, memory: '1Gi' } }
    const { value, typeErrors } = decode('Pod', container({ image: null, resources }))
    expect(typeErrors).toEqual([])
    expect(value).toEqual(container({ resources: { requests: { cpu: '2', memory: '1Gi' } } }))
  })

  it.each([
    [{ image: 5 }, 'cannot unmarshal number into Go struct field Pod.spec.containers[0].image of type string'],
    [{ env: {} }, 'cannot unmarshal object into Go struct field Pod.spec.containers[0].env of type []EnvVar'],
    [{ stdin: 'yes' }, 'cannot unmarshal string into Go struct field Pod.spec.containers[0].stdin of type bool'],
    [
      { ports: [{ containerPort: 1.5 }] },
      'cannot unmarshal number into Go struct field Pod.spec.containers[0].ports[0].containerPort of type int32',
    ],
    [
      { resources: { limits: { cpu: true } } },
      'cannot unmarshal bool into Go struct field Pod.spec.containers[0].resources.limits.cpu of type Quantity',
    ],
    [
      { livenessProbe: { httpGet: { port: [] } } },
      'cannot unmarshal array into Go struct field Pod.spec.containers[0].livenessProbe.httpGet.port of type IntOrString',
    ],
  ])('names the wrong type in %j', (fields, message) => {
    expect(decode('Pod', container(fields)).typeErrors).toEqual([`json: ${message}`])
  })
})
