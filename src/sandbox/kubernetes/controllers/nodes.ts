import { type Condition, timestamp } from '../object.ts'
import type { Registry } from '../registry.ts'
import type { Node } from '../workloads.ts'
import { type Controller, keyOf } from './loop.ts'

const HEALTHY = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const

/**
 * Lets a node report itself once, as its agent does when it joins: what the node object does not say of its conditions,
 * allocatable resources, address and versions is filled in. What it does say stays, so a node may join in trouble.
 */
export function nodeRegistration(registry: Registry): Controller {
  const { store } = registry
  return {
    name: 'node-registration',
    affected: ({ kind, type, object }) => (kind === 'Node' && type === 'ADDED' ? [keyOf(object)] : []),
    reconcile({ name }) {
      const node = store.get('Node', undefined, name)
      if (!node) return undefined
      const at = timestamp(registry.now())
      const reported: Node['status'] = {
        ...(node.status.capacity === undefined ? {} : { allocatable: capacityOf(node) }),
        addresses: [
          { type: 'InternalIP', address: `10.0.0.${store.list('Node').indexOf(node) + 10}` },
          { type: 'Hostname', address: name },
        ],
        nodeInfo: NODE_INFO,
        ...node.status,
        conditions: withHealth(node.status.conditions ?? [], at),
      }
      registry.update('Node', node, { ...node, status: reported }, 'status')
      return undefined
    },
  }
}

// Decoding has checked that capacity is a map of quantities.
const capacityOf = ({ status }: Node) => status.capacity as Readonly<Record<string, string>>

function withHealth(given: readonly Condition[], at: string): readonly Condition[] {
  const missing = HEALTHY.filter(([type]) => !given.some((condition) => condition.type === type))
  const reported = missing.map(([type, status, reason, message]) => ({ type, status, reason, message }))
  return [...given, ...reported.map((condition) => ({ ...condition, lastHeartbeatTime: at, lastTransitionTime: at }))]
}

const NODE_INFO = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'containerd://1.7.27',
  kernelVersion: '6.1.0',
  kubeProxyVersion: '',
  kubeletVersion: 'v1.33.1',
  machineID: '',
  operatingSystem: 'linux',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  systemUUID: '',
}
