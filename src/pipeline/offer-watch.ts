import type { Incident } from '../domain/incident.ts'
import { isOpen, type Remediation } from '../domain/remediation.ts'
import type { Pipeline } from './pipeline.ts'
import type { Ports } from './ports.ts'
import type { Recall } from './recall.ts'
import { remediationContext } from './remediation-context.ts'

const LOOK_EVERY_MS = 10_000
const LOOK_MS = 5_000

export interface OfferWatch {
  /** Looks at all open offers once. Resolves when all that changed was recorded. */
  look(): Promise<void>
  stop(): void
}

/**
 * Withdraws offers whose target was changed by somebody, so that the button is gone before anyone presses it. A courtesy: what counts is the
 * same comparison just before the effect. A cluster that does not answer withdraws nothing. What it reads of the store is remembered for whoever asks
 * while the store is away: one read serves both.
 */
export function startOfferWatch(
  ports: Ports,
  pipeline: Pick<Pipeline, 'receive'>,
  recall: Pick<Recall, 'look'>,
): OfferWatch {
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function lookAt(incident: Incident, remediation: Remediation): Promise<void> {
    const kind = ports.remediations.get(remediation.kind)
    const service = ports.catalogue().byName(remediation.plan.target.service)
    if (kind === undefined || service === undefined) return
    const context = remediationContext(ports, service, incident.id, { signal: AbortSignal.timeout(LOOK_MS) })
    try {
      const text = await kind.changed(context, remediation.plan)
      if (text === undefined) return
      const event = { type: 'target-changed', remediationId: remediation.id, text } as const
      await pipeline.receive(incident.id, event, [`${remediation.id}:target-changed`])
    } catch (error) {
      ports.log.debug({ err: error, remediation: remediation.id }, 'An open offer could not be looked at')
    }
  }

  async function look(): Promise<void> {
    const { incidents } = await recall.look()
    const open = incidents.flatMap((incident) =>
      incident.remediations.filter(isOpen).map((remediation) => ({ incident, remediation })),
    )
    await Promise.all(open.map(({ incident, remediation }) => lookAt(incident, remediation)))
  }

  async function watch(): Promise<void> {
    await look().catch((error: unknown) => ports.log.warn({ err: error }, 'Open offers could not be read'))
    if (!stopped) timer = setTimeout(() => void watch(), LOOK_EVERY_MS).unref()
  }

  void watch()
  return {
    look,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
