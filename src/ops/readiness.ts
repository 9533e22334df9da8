import { within } from './deadline.ts'

/** Something that incbot depends on. `check` resolves while it works and rejects with the reason. */
export interface Probe {
  readonly name: string
  /** Without a required one incbot is not ready; without another it works, with less to say. */
  readonly required: boolean
  readonly check: (signal: AbortSignal) => Promise<unknown>
}

interface ProbeResult {
  readonly name: string
  readonly required: boolean
  readonly status: 'ok' | 'failed'
  /** Why, in words; absent where it is ok. */
  readonly reason?: string
  readonly tookMs: number
}

export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'not-ready' | 'draining'
  readonly checks: readonly ProbeResult[]
  /** When the checks were made, ISO 8601. */
  readonly asOf: string
}

export interface ReadinessOptions {
  readonly probes: readonly Probe[]
  readonly now: () => number
  /** Takes secrets out of reasons. */
  readonly scrub?: (text: string) => string
  readonly probeWithinMs?: number
  readonly cachedForMs?: number
}

const MAX_REASON_LENGTH = 300

/** Asks all probes at once, each with its own deadline; an answer is kept for a few seconds, so that asking often costs nothing. */
export function createReadiness(options: ReadinessOptions): () => Promise<Readiness> {
  const { probes, now, scrub = (text) => text, probeWithinMs = 2_000, cachedForMs = 5_000 } = options
  let cached: { readonly at: number; readonly answer: Promise<Readiness> } | undefined

  async function ask({ name, required, check }: Probe): Promise<ProbeResult> {
    const startedAt = performance.now()
    const tookMs = () => Math.round(performance.now() - startedAt)
    try {
      await within(probeWithinMs, async (signal) => check(signal))
      return { name, required, status: 'ok', tookMs: tookMs() }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      const reason = scrub(text.slice(0, MAX_REASON_LENGTH))
      return { name, required, status: 'failed', reason, tookMs: tookMs() }
    }
  }

  async function askAll(at: number): Promise<Readiness> {
    const checks = await Promise.all(probes.map(ask))
    return { status: overall(checks), checks, asOf: new Date(at).toISOString() }
  }

  return () => {
    const at = now()
    if (cached === undefined || at - cached.at >= cachedForMs) cached = { at, answer: askAll(at) }
    return cached.answer
  }
}

function overall(checks: readonly ProbeResult[]): 'ready' | 'degraded' | 'not-ready' {
  const failed = checks.filter(({ status }) => status === 'failed')
  if (failed.some(({ required }) => required)) return 'not-ready'
  return failed.length > 0 ? 'degraded' : 'ready'
}
