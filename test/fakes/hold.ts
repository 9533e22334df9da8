import type { Hold } from '../../src/pipeline/ports.ts'

/** A lease that is held until the test says otherwise. */
export function aHold(isHeld: () => boolean = () => true): Hold {
  return { signal: new AbortController().signal, isHeld }
}
