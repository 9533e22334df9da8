import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { MAIN } from './bot.ts'

/** Runs the story to its end as a person would. */
function play(): Promise<{ readonly code: number | null; readonly text: string; readonly tookMs: number }> {
  const started = performance.now()
  const child = spawn(process.execPath, [MAIN, 'demo', 'surge', '--once'], { env: { PATH: process.env.PATH ?? '' } })
  let text = ''
  const collect = (chunk: Buffer): void => {
    text += chunk.toString('utf8')
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const directory = /files of this run are in (\S+?)\.$/m.exec(text)?.[1]
      // A run that failed leaves its files for whoever has to find out why.
      if (directory !== undefined && code !== 1) rmSync(directory, { recursive: true, force: true })
      resolve({ code, text, tookMs: performance.now() - started })
    })
  })
}

it('the demo plays the second incident: why, how sure, the way out, and that it worked', async () => {
  const { code, text, tookMs } = await play()
  expect(`${code}\n${text}`).toMatch(/^0\n/)
  expect(tookMs).toBeLessThan(60_000)
  expect(text).toMatch(/Nodes die at the memory ceiling faster than they start · confidence high \(0\.97\)/)
  expect(text).toMatch(/5–7 of 21 needed replicas are up/)
  expect(text).toMatch(/Now: 1\) Keep the fallback on; 2\) Bring up 2[678] replicas out of rotation/)
  expect(text).not.toMatch(/^ +OFF /m)
  expect(text.match(/^ +ok /gm)).toHaveLength(10)

  const order = [
    '#5310 prediction 5xx 100 %',
    'webhook → 202',
    'Diagnosing',
    'Nodes die at the memory ceiling',
    'chart in the thread',
    'brings up 2',
    'are up without traffic',
    'shifts 100 % of the traffic',
    'left in peace, have come back: 21 of 21 up',
    'types /inc diagnose prediction',
    'It carries its traffic',
    'What changed',
  ].map((mark) => text.indexOf(mark))
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(order[0]).toBeGreaterThan(0)

  const pid = Number(/process (\d+) is ready/.exec(text)?.[1])
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
}, 70_000)
