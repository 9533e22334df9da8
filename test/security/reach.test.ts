import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

/** Which files of the bot touch the file system, and where their paths come from. None of them is a name that came over the network. */
const FILES: Readonly<Record<string, string>> = {
  'src/app/start.ts': 'INCBOT_DATA_DIR',
  'src/app/storage.ts': 'INCBOT_DATA_DIR',
  'src/cli/audit-lines.ts': 'the command line',
  'src/cli/kill-switch.ts': 'INCBOT_DATA_DIR',
  'src/cli/store.ts': 'the command line',
  'src/config/read-files.ts': 'INCBOT_CONFIG, the names in the folder INCBOT_RUNBOOKS, and variables that end in _FILE',
  'src/datasources/deploy-log.ts': 'path of a data source in incbot.yaml',
  'src/slack/chart/raster.ts': 'fonts of the package itself',
  'src/store/sqlite/file.ts': 'INCBOT_DATA_DIR',
  'src/store/sqlite/open.ts': 'INCBOT_DATA_DIR',
  'src/store/sqlite/open-records.ts': 'INCBOT_DATA_DIR',
}

/** The sandbox and the demo play the world around a bot, and are no part of one. */
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => join('src', name))
  .filter((file) => file.endsWith('.ts') && !/^src\/(sandbox|cli\/demo)\//.test(file))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }))

describe('the bot', () => {
  it('opens files in these places only', () => {
    const opening = sources
      .filter(({ text }) => /['"](?:node:)?fs(?:\/promises)?['"]/.test(text))
      .map(({ file }) => file)
    expect(opening.sort()).toEqual(Object.keys(FILES).sort())
  })

  it('starts no program and makes no code out of text', () => {
    const risky =
      /['"](?:node:)?(?:child_process|vm|repl)['"]|['"]node:cluster['"]|\beval\s*\(|\bnew Function\b|\bsetTimeout\(\s*['"`]/
    expect(sources.filter(({ text }) => risky.test(text)).map(({ file }) => file)).toEqual([])
    expect(sources.length).toBeGreaterThan(300)
  })
})
