import { collectDefaultMetrics, Registry } from 'prom-client'
import type { SourceMeter } from '../datasources/guard/meter.ts'
import type { GateMeter } from '../freeze/gate.ts'
import type { HttpMeter } from '../http/server.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { SweepMeter } from '../pagerduty/sweep.ts'
import type { Meter } from '../pipeline/ports.ts'
import type { SlackMeter } from '../slack/meter.ts'
import type { Store } from '../store/store.ts'
import { within } from './deadline.ts'
import { createInstruments } from './instruments.ts'

/** All that incbot counts, for Prometheus. Counting never throws. */
export interface Metrics extends Meter, HttpMeter, GateMeter, SlackMeter, SweepMeter, SourceMeter {
  /** From now on every scrape also says how much work waits. */
  watch(queues: Queues): void
  readonly contentType: string
  /** The whole page in Prometheus' text format. Never rejects because of a store in trouble. */
  text(): Promise<string>
}

interface Queues {
  readonly jobs: Pick<Jobs, 'depth'>
  readonly store: Pick<Store, 'depth'>
  readonly now: () => number
}

const DEPTH_WITHIN_MS = 1_000

/** Metrics in a registry of their own; `process_…` and `nodejs_…` describe the process itself. */
export function createMetrics(): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const counted = createInstruments(register)
  let queues: Queues | undefined

  async function readDepths({ jobs, store, now }: Queues): Promise<void> {
    try {
      counted.jobs.set(await within(DEPTH_WITHIN_MS, () => jobs.depth()))
    } catch {
      counted.jobs.remove()
    }
    try {
      const { inbox, due } = await within(DEPTH_WITHIN_MS, () => store.depth(now()))
      counted.inbox.set(inbox)
      counted.due.set(due)
      counted.storeUp.set(1)
    } catch {
      // Figures of before would look like figures of now.
      counted.inbox.remove()
      counted.due.remove()
      counted.storeUp.set(0)
    }
  }

  return {
    event: (type, result) => counted.events.inc({ type, result }),
    lag: (ms) => counted.lag.observe(ms / 1000),
    check(name, verdict, ms) {
      counted.checks.inc({ check: name, verdict })
      counted.checkSeconds.observe({ check: name }, ms / 1000)
    },
    remediation: (kind, result) => counted.remediations.inc({ kind, result }),
    httpRequest(route, status, ms) {
      counted.httpRequests.inc({ route, status: String(status) })
      counted.httpSeconds.observe({ route }, ms / 1000)
    },
    gateQuestion: (service, result) => counted.gateQuestions.inc({ service, result }),
    slackCall(method, result, ms) {
      const label = counted.slackMethod(method)
      counted.slackCalls.inc({ method: label, result })
      counted.slackSeconds.observe({ method: label }, ms / 1000)
    },
    slackQueue: (waiting) => counted.slackWaiting.set(waiting),
    slackDelivery: (kind, result) => counted.slackDeliveries.inc({ kind, result }),
    slackRequest: (kind, result) => counted.slackRequests.inc({ kind, result }),
    sourceQuestion: (source, result) => counted.sourceQuestions.inc({ source, result }),
    sourceState: (source, state) => counted.sourceLeftAlone.set({ source }, state === 'closed' ? 0 : 1),
    sweep(result, missed) {
      counted.sweeps.inc({ result })
      counted.missed.inc(missed)
    },
    watch: (given) => {
      queues = given
    },
    contentType: register.contentType,
    async text() {
      if (queues) await readDepths(queues)
      return register.metrics()
    },
  }
}
