/** A call that waits for its turn. */
interface Waiting {
  readonly name: string
  /** Carries it out, and hands its answer over unless the answer is to be lost. */
  readonly go: (answered: boolean) => Promise<void>
}

/** Holds up every call that somebody makes, until it is let through: by this a history decides what happens at each `await`. */
export interface Turnstile {
  /** The same object, each of whose methods waits for its turn. */
  guard<T extends object>(name: string, target: T): T
  readonly waiting: number
  /** Lets the call through that has waited longest, or the one at `index`. Resolves when it was carried out. */
  letThrough(index?: number): Promise<string | undefined>
  /** Nobody will ever hear of what waits here. `halfDone` of the calls are carried out first: their effect happens, their answer is lost. */
  collapse(halfDone: number): Promise<void>
}

export function turnstile(): Turnstile {
  const queue: Waiting[] = []
  let collapsed = false

  function waitFor<T>(name: string, call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (collapsed) return
      const go = async (answered: boolean): Promise<void> => {
        try {
          const value = await call()
          if (answered) resolve(value)
        } catch (error) {
          if (answered) reject(error)
        }
      }
      queue.push({ name, go })
    })
  }

  return {
    guard(name, target) {
      return new Proxy(target, {
        get(object, key, receiver) {
          const value: unknown = Reflect.get(object, key, receiver)
          if (typeof value !== 'function') return value
          return (...given: unknown[]) =>
            waitFor(`${name}.${String(key)}`, async () => Reflect.apply(value, object, given) as unknown)
        },
      })
    },
    get waiting() {
      return queue.length
    },
    async letThrough(index = 0) {
      const [next] = queue.splice(index % Math.max(1, queue.length), 1)
      await next?.go(true)
      return next?.name
    },
    async collapse(halfDone) {
      collapsed = true
      for (const one of queue.splice(0, halfDone)) await one.go(false)
      queue.length = 0
    },
  }
}
