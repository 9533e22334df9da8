import { GATE_TOKEN_VARIABLE } from '../bot-files.ts'
import { approverGroup, channels, people } from '../office.ts'
import { CONTAINER, NAMESPACE, PAGERDUTY_SERVICE, SERVICE, WORKLOAD } from './service.ts'

const CLUSTER = 'sandbox'
/** Names of the files with the bot's two accounts. */
export const KUBECONFIGS = { read: 'read.kubeconfig', write: 'write.kubeconfig' } as const

/** incbot.yaml for a bot that watches the model service. */
export function botConfig(options: {
  readonly prometheusUrl: string
  readonly debugUrl: string
  readonly path: (name: string) => string
}): object {
  const { prometheusUrl, debugUrl, path } = options
  const account = (name: string) => ({ kubeconfig: path(name), context: 'sandbox' })
  return {
    slack: { fallbackChannel: channels.fallback },
    clusters: { [CLUSTER]: { read: account(KUBECONFIGS.read), write: account(KUBECONFIGS.write) } },
    dataSources: {
      metrics: { type: 'prometheus', url: prometheusUrl },
      models: { type: 'http-json', url: debugUrl },
    },
    services: {
      [SERVICE]: {
        pagerduty: [PAGERDUTY_SERVICE.id],
        workloads: [
          { cluster: CLUSTER, namespace: NAMESPACE, kind: 'StatefulSet', name: WORKLOAD, container: CONTAINER },
        ],
        metrics: {
          source: 'metrics',
          selector: `namespace="${NAMESPACE}",pod=~"${WORKLOAD}-[0-9]+"`,
          memory: `container_memory_working_set_bytes{$selector,container="${CONTAINER}"}`,
          processStart: 'process_start_time_seconds{$selector}',
          requests: 'sum by (pod) (rate(http_requests_total{$selector}[5m]))',
          evictions: 'model_cache_evictions_total{$selector}',
        },
        memoryLimit: 'workload',
        modelCache: { source: 'models', path: '/debug/models/{replica}' },
        deploys: { source: 'metrics', counter: `sum(model_deploys_total{service="${SERVICE}"})` },
        channel: channels.service,
        approvers: { users: [people.approver.id], groups: [approverGroup] },
        mode: 'act',
        freezeScope: 'model',
        timeZone: 'America/New_York',
        units: 'GB',
      },
    },
    gate: { tokens: { ci: { tokenEnv: GATE_TOKEN_VARIABLE } } },
    admins: { users: [people.admin.id] },
  }
}
