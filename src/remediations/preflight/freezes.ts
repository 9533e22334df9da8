import { coversWorkloads, type Freeze } from '../../domain/freeze.ts'
import { formatMoment } from '../../domain/units.ts'
import type { Question } from './ask.ts'
import { failed, passed } from './ask.ts'

/** Somebody else's freeze stands in the way; incbot's own, of the same incident, is there so that this can work. */
export const noForeignFreeze: Question = {
  what: 'freeze',
  async look({ context }) {
    const { service, incidentId } = context
    const now = context.now()
    const active = (await context.freezes.activeFreezes(now, service.name)).filter(coversWorkloads)
    const foreign = longest(active.filter((one) => one.incidentId !== incidentId))
    if (foreign !== undefined)
      return failed(
        `${service.name} is frozen until ${formatMoment(foreign.until, now)} by ${foreign.by}: ${foreign.reason}`,
        `Wait until it ends, or ask ${foreign.by} to lift it: \`/inc unfreeze ${service.name}\``,
      )
    const own = longest(active)
    if (own === undefined) return passed('No freeze of its workloads holds.')
    return passed(`incbot's own freeze, which does not stop this, holds until ${formatMoment(own.until, now)}.`)
  },
}

function longest(freezes: readonly Freeze[]): Freeze | undefined {
  return freezes.toSorted((a, b) => b.until - a.until)[0]
}
