import { startModelServingWorld } from '../../sandbox/world/index.ts'
import type { Story } from './cast.ts'
import { tellEvents, tellSituation } from './look-around.ts'
import { playModelServing } from './model-serving.ts'

const POD_START_MS = 1_500
const POD_STOP_MS = 400
const MEMORY = encodeURIComponent('container_memory_working_set_bytes{namespace="ml"}')

/** Old model versions stay in memory until a pod is killed. */
export const modelServingStory: Story = {
  name: 'model-serving',
  runbook: 'model-serving-memory.yaml',
  past: 'seven hours of history',
  async open() {
    const world = await startModelServingWorld({ podStartMs: POD_START_MS, podStopMs: POD_STOP_MS, paceMs: 1_000 })
    return {
      world,
      sights: {
        places: [['the service’s own report', `${world.debugUrl}/debug/models/inference-prod-3`]],
        commands: (bot, directory) => [
          `curl -s '${world.prometheus.url}/api/v1/query?query=${MEMORY}'`,
          `curl -s -H 'Authorization: Bearer ${bot.env.INCBOT_GATE_TOKEN_CI}' '${bot.url}/v1/freezes/${world.service}?scope=model'`,
          `curl -s ${bot.opsUrl}/metrics | grep ^incbot`,
          `kubectl --kubeconfig ${directory}/admin.kubeconfig -n ml get pods`,
        ],
      },
      tellSituation: (transcript) => tellSituation(transcript, world),
      tellEvents: (transcript) => tellEvents(transcript, world),
      play: (stage) => playModelServing({ ...stage, world }),
    }
  },
}
