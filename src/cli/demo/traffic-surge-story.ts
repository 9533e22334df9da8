import { people, startTrafficSurgeWorld, type TrafficSurgeWorld } from '../../sandbox/world/index.ts'
import type { Story } from './cast.ts'
import { playTrafficSurge } from './traffic-surge.ts'
import type { Transcript } from './transcript.ts'

const POD_STOP_MS = 400
const AVAILABLE = encodeURIComponent('kube_deployment_status_replicas_available')

/** A fleet that dies at its nodes' memory faster than it starts. */
export const trafficSurgeStory: Story = {
  name: 'surge',
  runbook: 'traffic-surge.yaml',
  past: '26 hours of history',
  async open() {
    const world = await startTrafficSurgeWorld({ podStopMs: POD_STOP_MS })
    return {
      world,
      sights: {
        places: [['metrics as the bot sees them', world.metricsUrl]],
        commands: (bot, directory) => [
          `curl -s '${world.metricsUrl}/api/v1/query?query=${AVAILABLE}&time='$(date +%s)`,
          `curl -s ${bot.opsUrl}/metrics | grep ^incbot`,
          `kubectl --kubeconfig ${directory}/admin.kubeconfig -n reco get pods`,
        ],
      },
      tellSituation: (transcript) => tellSituation(transcript, world),
      tellEvents: (transcript) => tellDeaths(transcript, world),
      play: (stage) => playTrafficSurge({ ...stage, world }),
    }
  },
}

/** The situation as one sees it on the dashboards, without its cause. */
function tellSituation(transcript: Transcript, { facts }: TrafficSurgeWorld): void {
  transcript.tell(
    'world',
    [
      `Deployment reco/prediction on n1-highcpu-8 nodes, scaled by CPU between ${facts.minimum} and ${facts.maximum}; ${Math.round(facts.rps / 100) / 10}k requests per second, twice as many as usual at this hour`,
      `${Math.round(facts.errorShare * 100)} % of them fail. ${people.approver.realName} is on call and has switched the fallback on.`,
    ].join('\n'),
  )
}

/** What dies and starts, as long as the world runs in real time; afterwards it would be several a second. */
function tellDeaths(transcript: Transcript, world: TrafficSurgeWorld): void {
  world.on((event) => {
    if (world.speed > 1) return
    if (event.type === 'started') transcript.tell('pods', `${event.pod} runs`)
    if (event.type === 'out-of-memory')
      transcript.tell(
        'pods',
        `${event.pod} was killed at ${(event.bytes / 2 ** 30).toFixed(1)} GiB and ${Math.round(event.cores * 100)} % CPU: out of memory`,
      )
  })
}
