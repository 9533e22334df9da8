import { untilAborted } from './until-aborted.ts'

/** One question on its way, for whoever asks the same meanwhile. */
interface Flight {
  readonly answer: Promise<unknown>
  readonly abort: AbortController
  readonly beganAt: number
  askers: number
}

/** Asks the same question once for all who ask it at the same time. */
export interface Flights {
  /**
   * Joins a question with the same key that began at most `JOIN_WITHIN_MS` ago, or puts it. One who gives up takes nothing from the others;
   * when the last has given up, the question is aborted. Rejects with what `put` rejected with, or with the signal's reason.
   */
  ask<T>(key: string, put: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>
}

/** An answer may be so much older than the question for it: less than any system changes in. */
const JOIN_WITHIN_MS = 1_000

export function createFlights(options: { readonly now: () => number; readonly onShared: () => void }): Flights {
  const flights = new Map<string, Flight>()

  function begin(key: string, put: (signal: AbortSignal) => Promise<unknown>): Flight {
    const abort = new AbortController()
    const answer = put(abort.signal).finally(() => {
      if (flights.get(key) === flight) flights.delete(key)
    })
    // Whoever asked may be gone by the time it fails.
    answer.catch(() => undefined)
    const flight: Flight = { answer, abort, beganAt: options.now(), askers: 0 }
    flights.set(key, flight)
    return flight
  }

  function joinable(key: string): Flight | undefined {
    const flight = flights.get(key)
    const age = flight && options.now() - flight.beganAt
    if (age === undefined || age < 0 || age > JOIN_WITHIN_MS) return undefined
    options.onShared()
    return flight
  }

  return {
    async ask<T>(key: string, put: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
      signal.throwIfAborted()
      const flight = joinable(key) ?? begin(key, put)
      flight.askers += 1
      try {
        // The key names source, capability and arguments, and each such combination has one answer type.
        return (await untilAborted(flight.answer, signal)) as T
      } finally {
        flight.askers -= 1
        if (flight.askers === 0) {
          if (flights.get(key) === flight) flights.delete(key)
          flight.abort.abort(new Error('Nobody waits for the answer any longer'))
        }
      }
    },
  }
}
