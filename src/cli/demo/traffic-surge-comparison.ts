import type { TrafficSurgeFacts } from '../../sandbox/world/index.ts'
import type { Compared } from './comparison.ts'

/** Everything that was measured within a tenth; what is counted exactly. */
const NEAR = 0.1
const GIB = 2 ** 30

/** Holds the text of a diagnosis against what is the case in the simulated fleet. */
export function compareSurge(lines: readonly string[], facts: TrafficSurgeFacts): readonly Compared[] {
  const text = lines.join('\n')
  const row = (what: string, pattern: RegExp, truth: number, write: (value: number) => string): Compared => {
    const said = pattern.exec(text)?.[1]
    const value = Number(said?.replaceAll(',', ''))
    return {
      what,
      truth: write(truth),
      said: said === undefined ? undefined : write(value),
      holds: Math.abs(value / truth - 1) <= NEAR,
    }
  }
  const percent = (value: number): string => `${Math.round(value)} %`
  const perSecond = (value: number): string => `${Math.round(value)}/s`
  const gib = (value: number): string => `${value.toFixed(1)} GiB`
  return [
    row('replicas needed', /of (\d+) needed/, facts.needed, String),
    row('of which up', /\((\d+(?:\.\d+)?) %\)/, (100 * facts.typicalUp) / facts.needed, percent),
    row('offered to each', /offered ([\d,]+)\/s/, facts.perReplica, perSecond),
    row('planned for each', /against ([\d,]+)\/s/, facts.plannedPerReplica, perSecond),
    row('what a node can give', /pods get ([\d.]+) GiB/, facts.allocatableBytes / GIB, gib),
    row('memory when killed', /killed at ([\d.]+) GiB/, facts.bytesAtKill / GIB, gib),
    row('memory before', /steady ([\d.]+) GiB/, facts.normalBytes / GIB, gib),
    row('CPU when killed', /killed at (\d+) % CPU/, facts.cpuAtKill, percent),
    row('replicas to bring up', /Bring up (\d+)/, Math.ceil(facts.needed / 0.8), String),
    row('traffic that is bearable', /shed to ([\d,]+)\/s/, facts.typicalUp * facts.plannedPerReplica, perSecond),
  ]
}
