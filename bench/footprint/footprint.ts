import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startKubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { openOffice } from '../bot/office.ts'
import { residentBytes, startBot, startHelper } from '../bot/process.ts'
import { withDirectory } from '../directory.ts'
import { type Measurement, median } from '../report.ts'

const ROUNDS = 5
/** After this whatever is loaded late has been loaded. */
const IDLE_MS = 2_500
const BAR = 1.2

interface Footprint {
  readonly startedMs: number
  readonly idleBytes: number
}

/** Memory at rest and time to the first answer, against a process that only imports the same packages. */
export async function footprint(): Promise<readonly Measurement[]> {
  const kubernetes = await startKubernetesStandIn({
    users: [
      { name: 'incbot', token: 'bench-kube', rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }] },
    ],
    podStartMs: 100,
    podStopMs: 100,
  })
  const kubeconfig = kubernetes.kubeconfig('incbot')
  const rounds: { readonly bot: Footprint; readonly limit: Footprint }[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push({ bot: await ofBot(kubeconfig), limit: await ofImports() })
  await kubernetes.stop()
  const middle = (pick: (one: (typeof rounds)[number]) => number) => median(rounds.map(pick))
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
  return [
    {
      name: 'idle-memory',
      measured: `${megabytes(middle(({ bot }) => bot.idleBytes))} resident`,
      against: `${megabytes(middle(({ limit }) => limit.idleBytes))} of its packages alone`,
      ratio: middle(({ bot, limit }) => bot.idleBytes / limit.idleBytes),
      bar: BAR,
      better: 'lower',
    },
    {
      name: 'cold-start',
      measured: `${middle(({ bot }) => bot.startedMs).toFixed(0)} ms until it answers`,
      against: `${middle(({ limit }) => limit.startedMs).toFixed(0)} ms to import its packages`,
      ratio: middle(({ bot, limit }) => bot.startedMs / limit.startedMs),
      bar: BAR,
      better: 'lower',
    },
  ]
}

function ofBot(kubeconfig: string): Promise<Footprint> {
  return withDirectory(async (directory) => {
    const office = await openOffice({ directory, services: 3, kubeconfig, checks: [] })
    const bot = await startBot(office.env, join(directory, 'log'))
    await sleep(IDLE_MS)
    const idleBytes = await residentBytes(bot.pid)
    await bot.stop()
    await office.slack.stop()
    return { startedMs: bot.startedMs, idleBytes }
  })
}

async function ofImports(): Promise<Footprint> {
  const began = performance.now()
  const imports = startHelper('footprint/imports')
  await imports.next()
  const startedMs = performance.now() - began
  await sleep(IDLE_MS)
  const idleBytes = await residentBytes(imports.pid)
  await imports.stop()
  return { startedMs, idleBytes }
}
