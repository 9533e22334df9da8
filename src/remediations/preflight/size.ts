import type { Autoscaler } from '../cluster.ts'
import { count, describe } from '../words.ts'
import type { Question } from './ask.ts'
import { impossible, passed } from './ask.ts'

export const sizeable: Question = {
  what: 'kind',
  look({ workload }) {
    if (workload.kind !== 'DaemonSet') return undefined
    return impossible(`${describe(workload)} has one pod on each node, so it has no size to set.`, 'Add nodes instead.')
  },
}

export function isMore(to: number): Question {
  return {
    what: 'size',
    look({ workload, state }) {
      if (to > state.replicas) return passed(`${count(to - state.replicas, 'more pod')}.`)
      return impossible(
        `${describe(workload)} has ${count(state.replicas, 'pod')} already, and ${to} would be no more.`,
        'Raise `to`, `by` or `atMost` in the runbook.',
      )
    },
  }
}

export function autoscalerAllows(autoscaler: Autoscaler | undefined, to: number): Question {
  return {
    what: 'autoscaler',
    look({ workload }) {
      if (autoscaler === undefined) return passed('No autoscaler sets its size.')
      const { name, maxReplicas } = autoscaler
      if (to <= maxReplicas) return passed(`The autoscaler ${name} allows up to ${maxReplicas}.`)
      return impossible(
        `The autoscaler ${name} of ${describe(workload)} allows at most ${count(maxReplicas, 'pod')}, and ${to} are wanted.`,
        `Raise its maxReplicas: kubectl edit -n ${autoscaler.namespace} hpa/${name}, or give \`atMost: ${maxReplicas}\`.`,
      )
    },
  }
}
