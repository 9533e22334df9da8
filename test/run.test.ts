import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

const SUITES = {
  good: "test('a', () => {}); test('b', () => {})",
  bad: "test('a', () => {}); test('b', () => { expect(1).toBe(2) })",
  skipping: "test('a', () => {}); test.skip('b', () => {})",
  postponed: "test('a', () => {}); test.todo('b')",
  broken: "throw new Error('cannot be loaded')",
  empty: undefined,
}

describe('test/run.mjs', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'incbot-run-'))
    mkdirSync(join(folder, 'test'))
    copyFileSync('test/run.mjs', join(folder, 'test', 'run.mjs'))
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    for (const [name, text] of Object.entries(SUITES)) {
      if (text !== undefined) writeFileSync(join(folder, 'test', `${name}.test.cjs`), text)
    }
    const projects = Object.keys(SUITES).map((displayName) => ({
      displayName,
      testMatch: [`<rootDir>/test/${displayName}.test.cjs`],
      moduleFileExtensions: ['cjs', 'js', 'json'],
      transform: {},
    }))
    writeFileSync(join(folder, 'jest.config.mjs'), `export default ${JSON.stringify({ projects })}`)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function run(...suites: readonly string[]): { readonly code: number | null; readonly lines: readonly string[] } {
    const { status, stdout } = spawnSync(process.execPath, ['test/run.mjs', ...suites], {
      cwd: folder,
      encoding: 'utf8',
    })
    return { code: status, lines: stdout.trimEnd().split('\n') }
  }

  it('prints each suite with its seconds, and a last line with the sum', () => {
    const { code, lines } = run('good')
    expect(code).toBe(0)
    expect(lines.find((line) => line.startsWith('good'))).toMatch(/^good +1 +2 +\d+\.\d$/)
    expect(lines.at(-1)).toBe('2 passed, 0 failed')
  })

  it.each([
    ['fails', 'bad', '1 passed, 1 failed'],
    ['is skipped', 'skipping', '1 passed, 0 failed'],
    ['is only announced', 'postponed', '1 passed, 0 failed'],
    ['cannot be loaded', 'broken', '0 passed, 1 failed'],
  ])('fails when a test %s', (_what, suite, last) => {
    const { code, lines } = run(suite)
    expect(code).toBe(1)
    expect(lines.at(-1)).toBe(last)
  })

  it('fails when a suite has no tests, though others pass', () => {
    const { code, lines } = run('good', 'empty')
    expect(code).toBe(1)
    expect(lines).toContain('empty ran no test, so it proves nothing.')
  })

  it('refuses a suite that there is none of', () => {
    const { code, lines } = run('goood')
    expect(code).toBe(2)
    expect(lines.at(-1)).toContain('good, bad')
  })
})
