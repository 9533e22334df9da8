import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'

export interface SourceFile {
  /** Below src/, with slashes: "slack/render/card.ts". */
  readonly path: string
  readonly text: string
}

export interface Import {
  readonly from: string
  readonly line: number
  /** A path below src/ for the project's own files, the specifier as written for anything else. */
  readonly to: string
  readonly own: boolean
}

/** Every TypeScript file below a folder. */
export function readSources(folder: string): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: relative(folder, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }))
}

/**
 * Import and export-from statements begin a line, as the formatter writes them; `import('…')` may stand anywhere, as a type too.
 * Imports of types count: what a file must know of another does not depend on when.
 */
const IMPORTS = /^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm

export function importsOf({ path, text }: SourceFile): readonly Import[] {
  return [...text.matchAll(IMPORTS)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ''
    const own = specifier.startsWith('.')
    return {
      from: path,
      line: lineAt(text, match.index + match[0].lastIndexOf(specifier)),
      to: own ? posix.normalize(posix.join(dirname(path), specifier)) : specifier,
      own,
    }
  })
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
