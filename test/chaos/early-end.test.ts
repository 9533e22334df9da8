import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { createMortalBot } from './mortal-bot.ts'
import { startTown } from './town.ts'

const MAIN = join(process.env.INCBOT_DIST ?? 'dist', 'main.js')

it('ends in order when it is told to while it still starts', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'incbot-early-end-'))
  const town = await startTown(directory)
  const bot = createMortalBot({ main: MAIN, env: town.env, opsUrl: town.opsUrl })
  try {
    bot.start()
    const says = (text: string): boolean => bot.logs.some((line) => line.includes(text))
    while (!says('Runbooks loaded') && bot.running) await sleep(1)
    expect(await bot.stop()).toBe(0)
    expect(says('Stopped')).toBe(true)
  } finally {
    bot.kill()
    await bot.gone()
    await town.stop()
    await rm(directory, { recursive: true, force: true })
  }
}, 60_000)
