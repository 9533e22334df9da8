import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { documentAt } from '../docs/documents.ts'

const { text } = documentAt('docs/security.md')
const rows = text
  .slice(text.indexOf('## Threats'), text.indexOf('## What is not covered'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:threat|---) \|/.test(line))

/** “[test/a.test.ts](../test/a.test.ts) “does b””, as often as they stand there. */
function proofsIn(row: string): readonly { readonly file: string; readonly link: string; readonly name: string }[] {
  return [...row.matchAll(/\[(test\/[^\]]+)\]\(([^)]+)\) “([^”]+)”/g)].map(([, file = '', link = '', name = '']) => ({
    file,
    link,
    name,
  }))
}

/** Whether a file declares a test, or a group of them, of exactly this name. */
function declares(file: string, name: string): boolean {
  const source = readFileSync(file, 'utf8')
  return ["'", '"', '`'].some((quote) => {
    const [before, after] = source.split(`${quote}${name}${quote}`)
    // `it(`, `it.each(…)(`, `describe(`: whatever stands before it opens a call.
    return after !== undefined && /\(\s*$/.test(before ?? '')
  })
}

describe('every threat in docs/security.md', () => {
  it.each(rows.map((row) => [row.split('|')[1]?.trim() ?? '', row] as const))(
    'is met by a test that exists: %s',
    (_threat, row) => {
      const proofs = proofsIn(row)
      expect(proofs.length).toBeGreaterThan(0)
      const missing = proofs.filter(
        ({ file, link, name }) => link !== `../${file}` || !existsSync(file) || !declares(file, name),
      )
      expect(missing).toEqual([])
    },
  )

  it('is one of many', () => {
    expect(rows.length).toBeGreaterThan(30)
  })
})

it('every test of this folder is named there', () => {
  const here = readdirSync('test/security').filter((name) => name !== 'threats.test.ts')
  expect(here.filter((name) => !text.includes(`[test/security/${name}]`))).toEqual([])
})
