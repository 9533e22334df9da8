import type { FaultReply } from './stand-in-types.ts'

interface Fault {
  readonly method: string | undefined
  readonly path: RegExp | undefined
  readonly reply: FaultReply
  left: number
}

/** The failures that tests ordered, first come first served. */
export function createFaults() {
  const faults: Fault[] = []
  return {
    add(match: { readonly method?: string; readonly path?: RegExp }, reply: FaultReply, times: number): void {
      faults.push({ method: match.method, path: match.path, reply, left: times })
    },

    /** The reply for this request, used up by asking. */
    take(method: string, path: string): FaultReply | undefined {
      const fault = faults.find(
        (one) => one.left > 0 && (one.method ?? method) === method && (one.path === undefined || one.path.test(path)),
      )
      if (fault) fault.left -= 1
      return fault?.reply
    },
  }
}
