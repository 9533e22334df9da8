import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface MarkdownDocument {
  /** Below the project's root. */
  readonly path: string
  readonly text: string
}

/** Every document that users read. */
export const documents: readonly MarkdownDocument[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].map((path) => ({ path, text: readFileSync(path, 'utf8') }))

export function documentAt(path: string): MarkdownDocument {
  const found = documents.find((one) => one.path === path)
  if (found === undefined) throw new Error(`There is no document ${path}.`)
  return found
}

/** The fenced blocks with this info string, such as `yaml runbook`. */
export function blocksOf({ text }: MarkdownDocument, info: string): readonly string[] {
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].flatMap(([, found, block]) =>
    found === info ? [block ?? ''] : [],
  )
}

/** What stands in backticks outside of blocks. */
export function codeOf({ text }: MarkdownDocument): ReadonlySet<string> {
  const prose = text.replace(/^```.*?^```$/gms, '')
  return new Set([...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? ''))
}
