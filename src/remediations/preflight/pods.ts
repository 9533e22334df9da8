import { count, describe, names } from '../words.ts'
import type { Question } from './ask.ts'
import { caution, impossible, passed } from './ask.ts'

/** A pod goes only while all others are ready: with two that are not, none ever would. */
export const othersReady: Question = {
  what: 'ready pods',
  async look({ pods, workload }) {
    const all = await pods()
    const unready = all.filter(({ ready, terminating }) => !ready && !terminating).map(({ name }) => name)
    const stopping = all.filter(({ terminating }) => terminating).map(({ name }) => name)
    if (unready.length > 1)
      return impossible(
        `${count(unready.length, 'pod')} of ${describe(workload)} are not ready (${names(unready)}), and one goes only while all others are.`,
        'Wait until at most one is not ready, or restart by its own strategy.',
      )
    const first = unready.length === 1 ? [`${names(unready)} is not ready and goes first.`] : []
    const later =
      stopping.length > 0
        ? [`It waits for ${names(stopping)}, which ${stopping.length === 1 ? 'is' : 'are'} stopping.`]
        : []
    const said = [...first, ...later]
    return said.length === 0 ? passed('All of its pods are ready.') : caution(said.join(' '))
  },
}

export const notAlone: Question = {
  what: 'outage',
  look({ state }) {
    if (state.replicas !== 1) return undefined
    return caution('It has a single pod: nobody serves between its end and the next one being ready.')
  },
}

/** Whether the pod that is to go first is there. */
export function isThere(name: string | undefined): Question {
  return {
    what: 'first pod',
    async look({ pods, workload }) {
      if (name === undefined) return undefined
      const found = (await pods()).some((pod) => pod.name === name)
      return found
        ? passed(`${name} goes first.`)
        : caution(`${describe(workload)} has no pod ${name}; they go by name.`)
    },
  }
}
