import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { registries } from '../../src/app/registries.ts'
import { ENVIRONMENT_VARIABLES, type EnvironmentVariable } from '../../src/config/environment-variables.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { loadRunbooks } from '../../src/config/load-runbooks.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { createInstruments } from '../../src/ops/instruments.ts'
import { blocksOf, codeOf, documentAt, documents, type MarkdownDocument } from './documents.ts'

describe('the documents', () => {
  it.each(documents.map((one) => [one.path, one] as const))('%s links to what is there', (path, document) => {
    const broken = linksOf(document).filter((link) => !leadsSomewhere(path, link))
    expect(broken).toEqual([])
  })

  it.each(documents.map((one) => [one.path, one] as const))('%s shows runbooks that load', (path, document) => {
    const files = blocksOf(document, 'yaml runbook').map((text, index) => ({ file: `${path} (${index + 1})`, text }))
    const { problems } = loadRunbooks(files, registries, ['inference', 'checkout'])
    expect(problems.map(formatProblem)).toEqual([])
  })

  it.each(documents.map((one) => [one.path, one] as const))('%s shows configurations that load', (path, document) => {
    const problems = blocksOf(document, 'yaml incbot.yaml').flatMap((text) => {
      const loaded = loadConfig(path, text, registries)
      return loaded.ok ? [] : loaded.problems.map(formatProblem)
    })
    expect(problems).toEqual([])
  })

  it('show at least one of each', () => {
    expect(documents.flatMap((one) => blocksOf(one, 'yaml runbook')).length).toBeGreaterThan(1)
    expect(documents.flatMap((one) => blocksOf(one, 'yaml incbot.yaml')).length).toBeGreaterThan(0)
  })
})

describe('README.md', () => {
  it('has every environment variable in its table, with the defaults of the code', () => {
    const readme = readFileSync('README.md', 'utf8')
    const [before, table, after] = readme.split(/<!-- \/?environment -->\n/)
    const generated = `\n${environmentTable()}\n`
    if (process.env.UPDATE_DOCS === '1')
      writeFileSync('README.md', [before, `<!-- environment -->\n${generated}<!-- /environment -->\n`, after].join(''))
    expect(table === generated ? 'up to date' : 'Run: UPDATE_DOCS=1 npm run -s jest -- test/docs').toBe('up to date')
  })

  it('shows a chart that is there', () => {
    const [, path = ''] = /!\[[^\]]{40,}\]\(([^)]+)\)/.exec(readFileSync('README.md', 'utf8')) ?? []
    expect(readFileSync(path).subarray(1, 4).toString()).toBe('PNG')
  })
})

describe('docs/runbooks.md', () => {
  const said = codeOf(documentAt('docs/runbooks.md'))

  it.each(registries.checks.map((check) => [check.name, check] as const))('describes %s', (name, check) => {
    const signals = typeof check.signals === 'function' ? {} : check.signals
    const values = Object.entries(signals).flatMap(([group, all]) => [group, ...all])
    expect([name, ...check.facts, ...values, ...keysOf(check.parameters)].filter((word) => !said.has(word))).toEqual([])
  })

  it.each(registries.remediations.map((kind) => [kind.kind, kind] as const))('describes %s', (name, kind) => {
    expect([name, ...keysOf(kind.parameters)].filter((word) => !said.has(word))).toEqual([])
  })

  it('describes every key of a runbook', () => {
    expect(namesIn('runbook.schema.json').filter((key) => !said.has(key))).toEqual([])
  })
})

it('docs/configuration.md describes every key of incbot.yaml', () => {
  const said = codeOf(documentAt('docs/configuration.md'))
  expect(namesIn('incbot.schema.json').filter((key) => !said.has(key))).toEqual([])
})

it('docs/operations.md describes every metric of incbot', async () => {
  const register = new Registry()
  createInstruments(register)
  const names = (await register.getMetricsAsJSON()).map(({ name }) => name)
  const said = codeOf(documentAt('docs/operations.md'))
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !said.has(name))).toEqual([])
})

it('CONTRIBUTING.md draws every room of the house', () => {
  const drawn = blocksOf(documentAt('CONTRIBUTING.md'), 'text').join('\n')
  const rooms = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(rooms.map(({ name }) => name).filter((name) => !drawn.includes(`${name}/`))).toEqual([])
})

function linksOf({ text }: MarkdownDocument): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '').filter((link) => !/^https?:/.test(link))
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? from : join(dirname(from), path)
  if (!existsSync(target)) return false
  return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).has(anchor)
}

/** GitHub's: lower case, no punctuation, dashes for spaces. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading ?? '')
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function environmentTable(): string {
  const rows = ENVIRONMENT_VARIABLES.map(({ name, default: value, secret, meaning }: EnvironmentVariable) => {
    const given = secret ? 'secret' : value === undefined ? '' : `\`${value}\``
    return `| \`${name}\` | ${given} | ${meaning} |\n`
  })
  return ['| variable | default | meaning |\n', '| --- | --- | --- |\n', ...rows].join('')
}

function keysOf(parameters: z.ZodType): readonly string[] {
  return propertiesIn(z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' }))
}

function namesIn(schemaFile: string): readonly string[] {
  return [...new Set(propertiesIn(JSON.parse(readFileSync(schemaFile, 'utf8'))))]
}

/** Names of all properties that a JSON schema knows, however deep. */
function propertiesIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value as object) : []), // in a JSON schema it is an object
    ...propertiesIn(value),
  ])
}
