import { describe, expect, it } from '@jest/globals'
import { believed } from '../../src/ops/believed.ts'

const { signal } = new AbortController()

/** Somebody who is asked, with a clock; answers wait until they are given. */
function setting(deadlineMs = 1_000) {
  const questions: { readonly key: string; readonly answer: (value: string) => void; readonly fail: () => void }[] = []
  const unknown: string[] = []
  let now = 1_000
  const ask = believed<string>({
    freshMs: 100,
    deadlineMs,
    now: () => now,
    ask: (key) =>
      new Promise((resolve, reject) => {
        questions.push({ key, answer: resolve, fail: () => reject(new Error('no')) })
      }),
    onUnknown: (key) => unknown.push(key),
  })
  return {
    ask: (key: string, until = signal) => ask(key, until),
    questions,
    unknown,
    wait: (ms: number) => {
      now += ms
    },
  }
}

describe('an answer', () => {
  it('is shared by all who ask while it is on its way, and believed for a while from the moment of asking', async () => {
    const { ask, questions, wait } = setting()
    const both = [ask('ana'), ask('ana')]
    wait(99)
    questions[0]?.answer('yes')
    expect(await Promise.all(both)).toEqual(['yes', 'yes'])
    expect(await ask('ana')).toBe('yes')
    wait(1)
    const again = ask('ana')
    questions[1]?.answer('no longer')
    expect(await again).toBe('no longer')
    expect(questions.map(({ key }) => key)).toEqual(['ana', 'ana'])
  })

  it('is not believed longer because the clock was set back', async () => {
    const { ask, questions, wait } = setting()
    const first = ask('ana')
    questions[0]?.answer('yes')
    await first
    wait(-500)
    const again = ask('ana')
    questions[1]?.answer('no')
    expect(await again).toBe('no')
  })

  it('that does not come is unknown, is said to be, and is asked for again', async () => {
    const { ask, questions, unknown } = setting()
    const first = ask('ana')
    questions[0]?.fail()
    expect(await first).toBe('unknown')
    expect(unknown).toEqual(['ana'])
    const second = ask('ana')
    questions[1]?.answer('yes')
    expect(await second).toBe('yes')
  })

  it('that takes too long is unknown', async () => {
    const { ask, unknown } = setting(10)
    expect(await ask('ana')).toBe('unknown')
    expect(unknown).toEqual(['ana'])
  })

  it('that comes too late for one who asked is there for the next', async () => {
    const { ask, questions } = setting()
    const impatient = new AbortController()
    const first = ask('ana', impatient.signal)
    impatient.abort()
    expect(await first).toBe('unknown')
    questions[0]?.answer('yes')
    expect(await ask('ana')).toBe('yes')
    expect(questions).toHaveLength(1)
  })

  it('is not asked for by somebody who has given up already', async () => {
    const { ask, questions } = setting()
    expect(await ask('ana', AbortSignal.abort())).toBe('unknown')
    expect(questions).toEqual([])
  })
})
