import { count, describe, forKubectl } from '../words.ts'
import type { Question } from './ask.ts'
import { caution, failed, impossible, passed } from './ask.ts'

export const notPaused: Question = {
  what: 'paused',
  look({ workload, state }) {
    if (workload.kind !== 'Deployment') return undefined
    if (!state.paused) return passed('It is not paused.')
    return impossible(
      `${describe(workload)} is paused, so a restart would not start.`,
      `Resume it first: kubectl rollout resume ${forKubectl(workload)}`,
    )
  },
}

export const notHeldBack: Question = {
  what: 'held back',
  look({ workload, state }) {
    const what = describe(workload)
    switch (state.heldBack) {
      case 'on-delete':
        return impossible(
          `${what} replaces pods only when they are deleted by hand (OnDelete), so a rolling restart would do nothing.`,
          'An ordered restart replaces them one at a time.',
        )
      case 'partition':
        return impossible(
          `${what} keeps pods back with a partition, so a rolling restart would leave some as they are.`,
          'Set the partition to 0 first, or restart its pods one at a time.',
        )
      case undefined:
        return workload.kind === 'Deployment' ? undefined : passed('It keeps no pods back.')
    }
  },
}

export const hasPods: Question = {
  what: 'pods',
  look({ workload, state }) {
    if (state.replicas > 0) return passed(`It has ${count(state.replicas, 'pod')}.`)
    return impossible(
      `${describe(workload)} is scaled to no pods, so there is nothing to restart.`,
      `Scale it first: kubectl scale ${forKubectl(workload)} --replicas=1`,
    )
  },
}

/** Pods that are new and not ready are no rollout: they may be what the restart is for. */
export const noRollout: Question = {
  what: 'rollout',
  async look({ workload, state, writer, signal }) {
    if (!state.rolling) return passed('No rollout is running.')
    const { generation, observedGeneration, desired, updated, available } = await writer.rollout(workload, signal)
    // What is held back stays behind for ever and is on its way nowhere.
    const replacing = state.heldBack === undefined && updated < desired
    if (replacing || observedGeneration < generation)
      return failed(
        `A rollout of ${describe(workload)} is running already: ${updated} of ${count(desired, 'pod')} are of the newest version.`,
        `Wait until it has ended: kubectl rollout status ${forKubectl(workload)}`,
      )
    if (available < desired) return caution(`${available} of ${count(desired, 'pod')} are available now.`)
    return state.heldBack === undefined
      ? caution('A rollout is ending: pods of the version before are still stopping.')
      : passed('No rollout is running; pods of a version before are kept back.')
  },
}
