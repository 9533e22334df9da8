import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { MAIN, startBot } from './bot.ts'

interface Played {
  readonly code: number | null
  readonly text: string
  readonly tookMs: number
  readonly firstLineMs: number
}

/** Runs the demo as a person would; as soon as it has written `interruptAt`, Ctrl-C is pressed, which under npm arrives twice. */
function play(
  args: readonly string[],
  { interruptAt, onText = () => {} }: { interruptAt?: string; onText?: (text: string) => void } = {},
): Promise<Played> {
  const started = performance.now()
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { env: { PATH: process.env.PATH ?? '' } })
  let text = ''
  let firstLineMs = Number.POSITIVE_INFINITY
  let awaited = interruptAt
  const collect = (chunk: Buffer): void => {
    firstLineMs = Math.min(firstLineMs, performance.now() - started)
    text += chunk.toString('utf8')
    onText(text)
    if (awaited === undefined || !text.includes(awaited)) return
    awaited = undefined
    child.kill('SIGINT')
    child.kill('SIGINT')
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const directory = /files of this run are in (\S+?)\.$/m.exec(text)?.[1]
      // A run that failed leaves its files for whoever has to find out why.
      if (directory !== undefined && code !== 1) rmSync(directory, { recursive: true, force: true })
      resolve({ code, text, firstLineMs, tookMs: performance.now() - started })
    })
  })
}

/** Truth and statement of a row of the summary, in bytes. */
function bytesIn(row: RegExp, text: string): readonly [truth: number, said: number] {
  const amounts = [...(row.exec(text)?.[0] ?? '').matchAll(/([\d.]+) ([MG])B/g)]
  const [truth = Number.NaN, said = Number.NaN] = amounts.map(
    ([, value, unit]) => Number(value) * (unit === 'M' ? 1e6 : 1e9),
  )
  return [truth, said]
}

describe('the demo', () => {
  it('plays the first incident to its end, says every kind of number, and leaves nothing running', async () => {
    let pictureWasThere = false
    const { code, text, tookMs, firstLineMs } = await play(['--once'], {
      onText: (soFar) => {
        const path = /chart in the thread: (\S+\.png)/.exec(soFar)?.[1]
        pictureWasThere ||=
          path !== undefined && existsSync(path) && readFileSync(path).subarray(1, 4).toString() === 'PNG'
      },
    })
    expect(`${code}\n${text}`).toMatch(/^0\n/)
    expect(tookMs).toBeLessThan(60_000)
    // A third of a second on an idle machine; tests share theirs.
    expect(firstLineMs).toBeLessThan(2_000)
    expect(pictureWasThere).toBe(true)

    const growth = bytesIn(/^ +ok +growth .*$/m, text)
    expect(Math.abs(growth[1] / growth[0] - 1)).toBeLessThan(0.1)
    const step = bytesIn(/^ +ok +left behind by each deploy .*$/m, text)
    expect(Math.abs(step[1] / step[0] - 1)).toBeLessThan(0.1)
    expect(text).toMatch(/ok +cache size and what is resident +truth 10 and 47 +said 10 and 47/)
    expect(text).toMatch(/ok +time to the limit +truth \d+ min +said \d+ min/)
    expect(text).toMatch(/Now: 1\) Freeze .*2\) .*restart/i)

    const order = [
      'webhook → 202',
      'Diagnosing',
      'presses [ Freeze',
      'You may not approve this',
      'refused · Model deploys of inference are frozen',
      'presses [ Restart',
      'inference-prod-3 is gone',
      'inference-prod-0 runs',
      '📊 After',
      'What changed',
    ].map((mark) => text.indexOf(mark))
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order[0]).toBeGreaterThan(0)

    const pid = Number(/process (\d+) is ready/.exec(text)?.[1])
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  }, 70_000)

  it('stays after the story with its addresses, and ends at Ctrl-C with everything it started', async () => {
    const { code, text } = await play([], { interruptAt: 'Ctrl-C ends both' })
    expect(`${code}\n${text}`).toMatch(/^0\n/)
    expect(text).toMatch(/curl -s http:\/\/127\.0\.0\.1:\d+\/metrics/)
    const pid = Number(/process (\d+) is ready/.exec(text)?.[1])
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  }, 70_000)

  it('ends at Ctrl-C in the middle of the story, without calling that a failure of the story', async () => {
    const { code, text } = await play(['--once'], { interruptAt: 'Diagnosing' })
    expect(code).toBe(130)
    expect(text).not.toContain('FAILED')
    expect(text).toContain('Everything is stopped.')
  }, 70_000)

  it('knows which stories there are', async () => {
    const { code, text } = await play(['no-such-story', '--once'])
    expect(code).toBe(2)
    expect(text).toContain('model-serving')
  })
})

describe('the bot as a process', () => {
  it('is not waited for when it cannot start; its own words say why', async () => {
    const env = { HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', INCBOT_CONFIG: '/nowhere/incbot.yaml' }
    await expect(startBot(env)).rejects.toThrow(/ended with code \d+ before it was ready.*\/nowhere\/incbot\.yaml/s)
  })
})
