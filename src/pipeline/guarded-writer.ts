import type { ClusterWriter } from '../remediations/cluster.ts'
import { RemediationError } from '../remediations/remediation.ts'
import type { Hold } from './ports.ts'

/**
 * Changes nothing any more once somebody else may have taken over. A process that was stopped for a while, by a debugger or a host out of
 * memory, goes on with what it was about to do before it hears of anything.
 */
export function guardedWriter(writer: ClusterWriter, { isHeld }: Pick<Hold, 'isHeld'>): ClusterWriter {
  function guard<Given extends readonly unknown[], Answer>(change: (...given: Given) => Promise<Answer>) {
    return async (...given: Given): Promise<Answer> => {
      if (isHeld()) return change(...given)
      throw new RemediationError(
        'none',
        'this incbot was held up for so long that another one may have taken over, so it did not go on.',
      )
    }
  }
  return {
    ...writer,
    restart: guard((...given) => writer.restart(...given)),
    pause: guard((...given) => writer.pause(...given)),
    rollBack: guard((...given) => writer.rollBack(...given)),
    scale: guard((...given) => writer.scale(...given)),
    setMinimum: guard((...given) => writer.setMinimum(...given)),
    evict: guard((...given) => writer.evict(...given)),
  }
}
