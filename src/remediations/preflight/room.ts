import { formatBytes, threeDigits } from '../../domain/units.ts'
import type { Room } from '../cluster.ts'
import type { Planning } from '../planning.ts'
import { count, describe } from '../words.ts'
import type { Looked, Question } from './ask.ts'
import { caution, failed, impossible, passed } from './ask.ts'

const what = 'room on the nodes'
const AUTOSCALER = 'Whether a cluster autoscaler would bring a node, incbot cannot know.'

/** Pods that come before others go need room beside them. Others take the room of the pod that went. */
function needsRoom({ workload, state }: Pick<Planning, 'workload' | 'state'>): boolean {
  return workload.kind === 'Deployment' && state.maxSurge > 0
}

/** Whether not one surge pod fits although nodes take such pods: then it is gentler to go one pod at a time. False where it is not known. */
export async function surgeFitsNowhere(planning: Planning): Promise<boolean> {
  if (!needsRoom(planning)) return false
  try {
    const { fits, candidates } = await planning.room(planning.state.maxSurge)
    return fits === 0 && candidates > 0
  } catch {
    return false
  }
}

/** Whether a rollout can put its surge pods anywhere. */
export const roomForSurge: Question = {
  what,
  async look(planning) {
    if (!needsRoom(planning))
      return passed('Each new pod takes the place of an old one, so it needs no room beside it.')
    const { maxSurge, maxUnavailable } = planning.state
    const room = await planning.room(maxSurge)
    if (room.candidates === 0) return noNode(planning)
    if (room.fits >= maxSurge) return passed(`${count(maxSurge, 'surge pod')} would fit.`)
    const short = inWords(planning, room, 'A surge pod')
    if (room.fits > 0)
      return caution(
        `${room.fits} of ${count(maxSurge, 'surge pod')} would fit, so it goes on with fewer at a time. ${short}`,
      )
    if (maxUnavailable > 0) return caution(`${short} New pods wait until an old one has gone and left its room.`)
    return failed(
      `${short} No old pod goes before a new one is ready, so the rollout would stand still.`,
      `Make room or add a node, or restart its pods one at a time. ${AUTOSCALER}`,
    )
  },
}

/** A pod that is evicted needs a node that takes its successor. */
export const roomForSuccessor: Question = {
  what,
  async look(planning) {
    // Its pods are put on their nodes whether these take others or not.
    if (planning.workload.kind === 'DaemonSet') return undefined
    const room = await planning.room(1)
    return room.candidates === 0 ? noNode(planning) : passed('A new pod takes the room that the evicted one leaves.')
  },
}

/** Whether the pods to add fit; where nodes may come for those that do not, that is only to be known. */
export function roomForMore(wanted: number, nodesMayCome: boolean): Question {
  return {
    what,
    async look(planning) {
      if (wanted <= 0) return undefined
      const room = await planning.room(wanted)
      if (room.fits >= wanted) return passed(`${count(wanted, 'more pod')} would fit.`)
      const fix = nodesMayCome ? 'They wait until nodes come.' : `Make room or add nodes. ${AUTOSCALER}`
      const short = inWords(planning, room, 'A pod')
      const none = `None of ${count(wanted, 'more pod')} would fit. ${short}`
      if (room.fits === 0) return nodesMayCome ? caution(none, fix) : failed(none, fix)
      return caution(`${room.fits} of ${count(wanted, 'more pod')} would fit; the others would wait. ${short}`, fix)
    },
  }
}

function noNode({ workload }: Planning): Looked {
  return impossible(
    `No node takes new pods of ${describe(workload)} now: none matches its node selector and taints, or all are cordoned.`,
    'Look at the nodes: kubectl get nodes',
  )
}

/** "A surge pod needs 30 GB and 4 CPUs; the roomiest node, n2, has 12 GB and 1.5 CPUs left of its allocatable." */
function inWords(
  { context }: Planning,
  { requestBytes, requestCpu, roomiest, ...room }: Room,
  subject: string,
): string {
  const amount = (bytes: number, cpu: number): string =>
    `${formatBytes(Math.max(0, bytes), context.service.units)} and ${count(Number(threeDigits(Math.max(0, cpu))), 'CPU')}`
  const needs = `${subject} needs ${amount(requestBytes, requestCpu)}`
  if (roomiest === undefined) return `${needs}; ${noPlace(room)}.`
  const { node, freeBytes, freeCpu } = roomiest
  return `${needs}; the roomiest node, ${node}, has ${amount(freeBytes, freeCpu)} left of its allocatable.`
}

function noPlace({ candidates, crowded }: Pick<Room, 'candidates' | 'crowded'>): string {
  if (candidates === 0) return 'no node takes such pods'
  return crowded === candidates
    ? 'every node that takes such pods has one near it that they must keep away from (anti-affinity)'
    : 'no node has that left'
}
