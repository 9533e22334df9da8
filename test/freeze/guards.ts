import type { FreezeGuard, GuardedFreeze } from '../../src/freeze/guard.ts'

type Answer = Awaited<ReturnType<FreezeGuard['probe']>>

/** A guard of one cluster that does as it is told by the test, and remembers what it was told to enforce. */
export function aGuard(cluster = 'prod') {
  const enforced: (readonly string[])[] = []
  const probed: string[] = []
  let whileEnforcing: (signal: AbortSignal) => Promise<void> = async () => undefined
  let answer: (frozen: GuardedFreeze, signal: AbortSignal) => Promise<Answer> = async () => ({ state: 'proved' })
  const guard: FreezeGuard = {
    name: `guard of ${cluster}`,
    guards: (workload) => workload.cluster === cluster,
    async enforce(freezes, signal) {
      await whileEnforcing(signal)
      enforced.push(freezes.map(({ freeze }) => freeze.id))
    },
    async probe(frozen, signal) {
      probed.push(frozen.freeze.id)
      return answer(frozen, signal)
    },
  }
  return {
    guard,
    enforced,
    probed,
    enforcing: (how: typeof whileEnforcing) => {
      whileEnforcing = how
    },
    answers: (how: typeof answer) => {
      answer = how
    },
  }
}

export const hanging = () => new Promise<never>(() => undefined)
