import type { Remediation } from '../../src/domain/remediation.ts'
import type { Evidence, Remembered } from './evidence.ts'
import type { Violation } from './findings.ts'
import { changesOf, type SeenRestart } from './restarts.ts'
import { kindOf, SERVICES, serviceName, type Town } from './town.ts'

/** Every effect happened at most once, for an approval, and the record says what became of it. */
export function judgeEffects(town: Town, evidence: Evidence, restarts: readonly SeenRestart[]): readonly Violation[] {
  const ofIncidents = [...evidence.remembered].flatMap(([id, remembered]) => [
    ...stepsTwice(id, remembered),
    ...remembered.incident.remediations.flatMap((one) => [
      ...wrongOutcome(id, remembered, one),
      ...(one.kind === 'rolling-restart' ? wrongRestart(id, one, restarts) : wrongFreeze(id, one, evidence)),
    ]),
  ])
  return [
    ...ofIncidents,
    ...unapproved(evidence, restarts),
    ...tooManyChanges(town, restarts),
    ...strayFreezes(evidence),
  ]
}

const stampOf = ({ approval }: Remediation): string | undefined => approval && new Date(approval.at).toISOString()

function entriesAbout({ timeline }: Remembered, { id }: Remediation, type: string): number {
  return timeline.filter((entry) => entry.type === type && entry.data?.remediationId === id).length
}

function stepsTwice(about: string, remembered: Remembered): readonly Violation[] {
  return remembered.incident.remediations.flatMap((one) =>
    ['remediation.approved', 'remediation.claimed', 'remediation.applied']
      .filter((type) => entriesAbout(remembered, one, type) > 1)
      .map((type) => ({ about, what: `${type} stands twice in the timeline for ${one.id}` })),
  )
}

/** Claimed, and nothing known of the effect: nobody may say that it succeeded, or keep quiet about it. */
function wrongOutcome(about: string, remembered: Remembered, one: Remediation): readonly Violation[] {
  const claimed = entriesAbout(remembered, one, 'remediation.claimed') > 0
  const applied = entriesAbout(remembered, one, 'remediation.applied') > 0
  if (!claimed || applied) return []
  const honest = one.state === 'unknown' || one.state === 'void' || one.state === 'failed'
  return honest ? [] : [{ about, what: `${one.id} was claimed, its effect never recorded, and it is ${one.state}` }]
}

function wrongRestart(about: string, one: Remediation, restarts: readonly SeenRestart[]): readonly Violation[] {
  const workload = one.plan.target.workload?.name
  const done = restarts.some(
    // 0: done as well, but the answer was lost.
    ({ stamp, workload: name, status }) =>
      stamp === stampOf(one) && name === workload && (status() === 200 || status() === 0),
  )
  if (done && (one.state === 'void' || one.state === 'failed' || one.state === 'proposed'))
    return [{ about, what: `${one.id} restarted ${workload} and is ${one.state}: ${one.outcome?.text ?? ''}` }]
  if (!done && one.state === 'succeeded') return [{ about, what: `${one.id} succeeded and restarted nothing` }]
  const claims = one.outcome?.text.includes('so it did start') === true
  if (claims && !done) return [{ about, what: `${one.id} says that it did start, and nothing was restarted` }]
  return []
}

function wrongFreeze(about: string, one: Remediation, { activeFreezes }: Evidence): readonly Violation[] {
  const holds = activeFreezes.has(one.id)
  if (one.state === 'succeeded' && holds !== (one.ended === undefined))
    return [{ about, what: `freeze ${one.id} ${holds ? 'holds and has ended' : 'does not hold'} by its record` }]
  if (holds && one.state !== 'succeeded' && one.state !== 'unknown')
    return [{ about, what: `freeze ${one.id} holds and its record is ${one.state}` }]
  return []
}

function unapproved({ remembered }: Evidence, restarts: readonly SeenRestart[]): readonly Violation[] {
  const approved = new Set(
    [...remembered.values()].flatMap(({ incident }) =>
      incident.remediations.map((one) => `${one.plan.target.workload?.name} ${stampOf(one)}`),
    ),
  )
  return restarts
    .filter(({ workload, stamp }) => !approved.has(`${workload} ${stamp}`))
    .map(({ workload, stamp }) => ({
      about: workload,
      what: `was restarted with the mark ${stamp}, which nobody approved`,
    }))
}

function tooManyChanges(town: Town, restarts: readonly SeenRestart[]): readonly Violation[] {
  return Array.from({ length: SERVICES }, (_, index) => index).flatMap((index) => {
    const name = serviceName(index)
    const marks = new Set(restarts.filter(({ workload }) => workload === name).map(({ stamp }) => stamp)).size
    const changes = changesOf(town, kindOf(index), name)
    return changes <= marks ? [] : [{ about: name, what: `changed ${changes} times for ${marks} approved restarts` }]
  })
}

function strayFreezes({ remembered, activeFreezes }: Evidence): readonly Violation[] {
  const known = new Set([...remembered.values()].flatMap(({ incident }) => incident.remediations.map(({ id }) => id)))
  return [...activeFreezes]
    .filter((id) => !known.has(id))
    .map((id) => ({ about: id, what: 'a freeze that belongs to nothing' }))
}
