import { openSources } from '../../src/app/connections.ts'
import { loadConfigFile } from '../../src/app/load.ts'
import { checks } from '../../src/checks/index.ts'
import { runChecks } from '../../src/pipeline/run-checks.ts'
import { serviceSources } from '../../src/pipeline/service-sources.ts'
import { median } from '../report.ts'

/** Runs memory-trend as the bot does, on a service of the given configuration, and says how long its event loop stood still. */
export interface CheckOrder {
  readonly config: string
  readonly service: string
  readonly times: number
}

export interface CheckResult {
  /** Median over all runs of each one's longest stall. */
  readonly stallMs: number
  readonly headline: string
}

process.on('message', (order: CheckOrder) => {
  void run(order).then((result) => process.send?.(result))
})
process.once('disconnect', () => process.exit(0))

async function run({ config: path, service: name, times }: CheckOrder): Promise<CheckResult> {
  const loaded = await loadConfigFile(path)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const service = loaded.config.services.find((one) => one.name === name)
  if (service === undefined) throw new Error(`There is no ${name}`)
  const silent = () => undefined
  const ports = {
    checks: new Map(checks.map((check) => [check.name, check])),
    sources: () => serviceSources(service, sources),
    now: Date.now,
    log: { debug: silent, info: silent, warn: silent, error: console.error },
    meter: { check: silent },
  }
  const sources = openSources(loaded.config, { now: Date.now, secret: silent, changeEvents: undefined })
  const spec = { id: 'memory-trend', check: 'memory-trend', parameters: { window: 6 * 3_600_000 }, timeoutMs: 10_000 }
  const stalls: number[] = []
  let headline = ''
  for (let index = 0; index < times; index++) {
    const watch = watchLoop()
    const [finding] = await runChecks(ports, service, [spec], AbortSignal.timeout(30_000), silent)
    stalls.push(watch.stop())
    headline = finding?.headline ?? ''
  }
  return { stallMs: median(stalls), headline }
}

/**
 * The longest time between two turns of the event loop, in ms, while it watches. Time in which the machine ran somebody else's program is
 * not the check's doing: of each turn the processor time counts where that is shorter.
 */
function watchLoop(): { stop(): number } {
  let longest = 0
  let last = now()
  let watching = true
  const turn = () => {
    const at = now()
    longest = Math.max(longest, Math.min(at.wallMs - last.wallMs, at.processorMs - last.processorMs))
    last = at
    if (watching) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    stop() {
      watching = false
      return longest
    },
  }
}

function now() {
  const { user, system } = process.cpuUsage()
  return { wallMs: performance.now(), processorMs: (user + system) / 1_000 }
}
