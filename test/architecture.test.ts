import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import * as rules from './architecture/rules.ts'
import { importsOf, readSources } from './architecture/sources.ts'
import { ENTRY_POINTS, HOUSE, PACKAGES, PURE } from './architecture/table.ts'

const sources = readSources(join(import.meta.dirname, '..', 'src'))
const aFile = (path: string, ...lines: readonly string[]) => ({ path, text: `${lines.join('\n')}\n` })

describe('the house', () => {
  it('is read from disk', () => {
    expect(sources.length).toBeGreaterThan(300)
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(1_000)
  })

  it.each([
    ['imports run one way', () => rules.forbiddenImports(sources, HOUSE)],
    ['each vendor’s package stays in the folder that wraps it', () => rules.strayPackages(sources, PACKAGES)],
    ['decisions and analysis depend on their arguments alone', () => rules.impurities(sources, PURE)],
    ['no file imports itself by way of others', () => rules.cycles(sources)],
    ['a file holds one idea', () => rules.longFiles(sources)],
    ['exports have names', () => rules.defaultExports(sources)],
    ['only entry points read the environment', () => rules.environmentReads(sources, ENTRY_POINTS)],
    ['nothing is left for later', () => rules.promises(sources)],
  ])('%s', (_rule, violations) => {
    expect(violations()).toEqual([])
  })

  it('has no allowance that nobody uses', () => {
    const imports = sources.flatMap(importsOf)
    const unused = HOUSE.flatMap(({ folder, mayImport }) =>
      mayImport
        .filter((allowed) => !imports.some(({ from, to }) => inside(from, folder) && inside(to, allowed)))
        .map((allowed) => `${folder} → ${allowed}`),
    )
    expect(unused).toEqual([])
  })

  function inside(path: string, folderOrFile: string): boolean {
    return path === folderOrFile || path.startsWith(`${folderOrFile}/`)
  }
})

describe('a rule', () => {
  it.each([
    ["import { a } from './b.ts'", 'slack/b.ts', 1],
    ["import type { A } from '../domain/a.ts'", 'domain/a.ts', 1],
    ["import {\n  a,\n  b,\n} from '../store/b.ts'", 'store/b.ts', 4],
    ["export { a } from '../a/b.ts'", 'a/b.ts', 1],
    ["export type * from '../a/b.ts'", 'a/b.ts', 1],
    ["import '../a/b.ts'", 'a/b.ts', 1],
    ["const { a } = await import('../a/b.ts')", 'a/b.ts', 1],
    ["type A = import('../a/b.ts').A", 'a/b.ts', 1],
    ["\nimport a from 'pino'", 'pino', 2],
  ])('sees %j', (text, to, line) => {
    expect(importsOf({ path: 'slack/a.ts', text })).toMatchObject([{ to, line }])
  })

  it('names file, line, what is allowed and why', () => {
    const files = [aFile('domain/a.ts', '// one', "import { send } from '../slack/send.ts'"), aFile('slack/send.ts')]
    expect(rules.forbiddenImports(files, HOUSE)).toEqual([
      expect.stringMatching(
        /^src\/domain\/a\.ts:2 imports src\/slack\/send\.ts\. src\/domain may import nothing else: .*src\/app/,
      ),
    ])
  })

  it.each([
    ['a sibling that is no contract', 'slack/a.ts', '../pagerduty/client.ts'],
    ['an implementation behind a contract', 'pipeline/a.ts', '../store/sqlite/open.ts'],
    ['the sandbox', 'app/a.ts', '../sandbox/world/index.ts'],
    ['the sandbox from a command', 'cli/serve.ts', '../sandbox/world/index.ts'],
    ['the app from the demo, which would then not play against a process', 'cli/demo/a.ts', '../../app/start.ts'],
    ['the bot from the sandbox', 'sandbox/slack/a.ts', '../../slack/limits.ts'],
    ['a contract’s neighbour with the same beginning', 'checks/a.ts', '../datasources/datasource.ts.ts'],
    ['from a folder that is new', 'helpers/a.ts', '../domain/a.ts'],
  ])('refuses %s', (_what, path, specifier) => {
    expect(rules.forbiddenImports([aFile(path, `import { a } from '${specifier}'`)], HOUSE)).toHaveLength(1)
  })

  it.each([
    ['in another folder', 'pipeline/a.ts', 'pino'],
    ['by a path inside of it', 'pipeline/a.ts', '@slack/web-api/dist/index.js'],
    ['that nobody wraps', 'slack/a.ts', 'left-pad'],
  ])('refuses a package %s', (_what, path, name) => {
    expect(rules.strayPackages([aFile(path, `import { a } from '${name}'`)], PACKAGES)).toHaveLength(1)
  })

  it.each([
    "import { readFileSync } from 'node:fs'",
    'const now = Date.now()',
    'const at = new Date()',
    'const chance = Math.random()',
    'process.exit(1)',
  ])('calls %j impure', (line) => {
    expect(rules.impurities([aFile('domain/a.ts', line)], PURE)).toHaveLength(1)
    expect(rules.impurities([aFile('pipeline/a.ts', line)], PURE)).toEqual([])
  })

  it('names a cycle with every file on it, once', () => {
    const files = [
      aFile('a/one.ts', "import { two } from '../b/two.ts'"),
      aFile('b/two.ts', "import type { Three } from './three.ts'"),
      aFile('b/three.ts', "import { one } from '../a/one.ts'"),
      aFile('c/four.ts', "import { one } from '../a/one.ts'"),
    ]
    expect(rules.cycles(files)).toEqual([
      expect.stringContaining('src/a/one.ts → src/b/two.ts → src/b/three.ts → src/a/one.ts.'),
    ])
  })

  it.each([
    ['a file of 251 lines', rules.longFiles, Array.from({ length: 251 }, () => '// line')],
    ['a default export', rules.defaultExports, ['export default 1']],
    [
      'a read of the environment',
      (files: typeof sources) => rules.environmentReads(files, ENTRY_POINTS),
      ['const { PORT } = process.env'],
    ],
    [
      'a read of the environment in disguise',
      (files: typeof sources) => rules.environmentReads(files, ENTRY_POINTS),
      ['const { env } = process'],
    ],
    ['a promise', rules.promises, [`// ${'TO'}DO: later`]],
  ])('refuses %s', (_what, rule, lines) => {
    expect(rule([aFile('slack/a.ts', ...lines)])).toHaveLength(1)
  })
})
