import http from 'node:http'
import { afterEach, expect, it } from '@jest/globals'
import { aFreeze } from '../contract/records.ts'
import { aGateServer, TOKEN } from '../freeze/gate-server.ts'
import { temporaryStore } from '../store/sqlite/temporary-store.ts'

const QUESTIONS = 5_000
const CONNECTIONS = 16
const WARM_UP = 500
/** A pipeline would not notice more than this; a lock or a write on the way of an answer would show. */
const P99_MS = 250

let close: (() => Promise<void>) | undefined
afterEach(() => close?.())

/** Milliseconds that each question took, over connections that are kept. */
async function timesOf(url: string, questions: number, expected: number): Promise<readonly number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const headers = { authorization: `Bearer ${TOKEN}` }
  const times: number[] = []
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const began = performance.now()
      const request = http.get(url, { agent, headers }, (response) => {
        if (response.statusCode !== expected) reject(new Error(`The gate answered ${response.statusCode}`))
        response.resume().once('end', () => {
          times.push(performance.now() - began)
          resolve()
        })
      })
      request.once('error', reject)
    })
  let left = questions
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await ask()
    }),
  )
  agent.destroy()
  return times.sort((one, other) => one - other)
}

it.each([
  ['yes', 'checkout', 200],
  ['no', 'inference?scope=model&deploy=v129', 423],
])(
  'a pipeline waits next to nothing for a %s',
  async (_what, path, status) => {
    const { store, close: closeStore } = await temporaryStore()
    const { url, server } = await aGateServer({ reading: store, blocked: () => undefined })
    close = async () => {
      await server.stop(0)
      await closeStore()
    }
    for (let index = 0; index < 20; index++)
      await store.addFreeze(aFreeze({ id: `f${index}`, service: index === 0 ? 'inference' : `other-${index}` }))
    const address = `${url}/v1/freezes/${path}`
    await timesOf(address, WARM_UP, status)
    const times = await timesOf(address, QUESTIONS, status)
    const [p50, p99] = [0.5, 0.99].map((share) => times[Math.floor(share * times.length)] ?? Number.NaN)
    process.stdout.write(
      `The gate: ${CONNECTIONS} connections, p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms over ${times.length} questions\n`,
    )
    expect(times).toHaveLength(QUESTIONS)
    expect(p99).toBeLessThan(P99_MS)
  },
  60_000,
)
