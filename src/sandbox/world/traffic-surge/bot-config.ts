import { GATE_TOKEN_VARIABLE } from '../bot-files.ts'
import { approverGroup, channels, people } from '../office.ts'
import { CONTAINER, NAMESPACE, PAGERDUTY_SERVICE, SERVICE, WORKLOAD } from './service.ts'

const CLUSTER = 'sandbox'
/** Names of the files with the bot's two accounts. */
export const KUBECONFIGS = { read: 'read.kubeconfig', write: 'write.kubeconfig' } as const

/** incbot.yaml for a bot that watches the prediction service. */
export function botConfig(options: { readonly metricsUrl: string; readonly path: (name: string) => string }): object {
  const { metricsUrl, path } = options
  const account = (name: string) => ({ kubeconfig: path(name), context: 'sandbox' })
  return {
    slack: { fallbackChannel: channels.fallback },
    clusters: { [CLUSTER]: { read: account(KUBECONFIGS.read), write: account(KUBECONFIGS.write) } },
    dataSources: { metrics: { type: 'prometheus', url: metricsUrl } },
    services: {
      [SERVICE]: {
        pagerduty: [PAGERDUTY_SERVICE.id],
        workloads: [
          { cluster: CLUSTER, namespace: NAMESPACE, kind: 'Deployment', name: WORKLOAD, container: CONTAINER },
        ],
        metrics: {
          source: 'metrics',
          selector: `namespace="${NAMESPACE}",pod=~"${SERVICE}-.+"`,
          memory: `container_memory_working_set_bytes{$selector,container="${CONTAINER}"}`,
          processStart: 'process_start_time_seconds{$selector}',
          limit: 'kube_node_status_allocatable{resource="memory"}',
          requests: `sum(rate(nginx_ingress_controller_requests{namespace="${NAMESPACE}",ingress="${SERVICE}"}[2m]))`,
        },
        memoryLimit: 'metrics',
        channel: channels.service,
        approvers: { users: [people.approver.id], groups: [approverGroup] },
        mode: 'act',
        timeZone: 'Asia/Kolkata',
        units: 'GiB',
      },
    },
    gate: { tokens: { ci: { tokenEnv: GATE_TOKEN_VARIABLE } } },
    admins: { users: [people.admin.id] },
  }
}
