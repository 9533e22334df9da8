import { type Import, importsOf, lineAt, type SourceFile } from './sources.ts'
import type { Allowance } from './table.ts'

const MAX_LINES = 250

/** Imports that the table does not allow, each with what to do. */
export function forbiddenImports(files: readonly SourceFile[], house: readonly Allowance[]): readonly string[] {
  return files.flatMap(importsOf).flatMap((one) => {
    if (!one.own) return []
    const rule = ruleFor(one.from, house)
    if (rule === undefined)
      return [`${place(one)}: its folder is not in the table. Add it to test/architecture/table.ts.`]
    if (within(one.to, rule.folder) || rule.mayImport.some((allowed) => within(one.to, allowed))) return []
    return [
      `${place(one)} imports src/${one.to}. src/${rule.folder} may import ${list(rule.mayImport)}: ${rule.because}. ` +
        'Take what is needed as a parameter or a port and hand it in from src/app, or move what both need to src/domain.',
    ]
  })
}

/** Packages imported outside the folders that wrap them. */
export function strayPackages(
  files: readonly SourceFile[],
  packages: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  return files.flatMap(importsOf).flatMap((one) => {
    if (one.own || one.to.startsWith('node:')) return []
    const name = packageOf(one.to)
    const folders = packages[name]
    if (folders === undefined)
      return [
        `${place(one)} imports ${name}, which is not in test/architecture/table.ts. Say there which folder wraps it.`,
      ]
    if (folders.some((folder) => within(one.from, folder))) return []
    return [
      `${place(one)} imports ${name}, which only ${list(folders)} may. Use what that folder offers, or add it there.`,
    ]
  })
}

const IMPURE =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bprocess\.\w+|\bfetch\(|\bsetTimeout\(|\bsetInterval\(/g

/** Anything in a pure folder that depends on more than its arguments. */
export function impurities(files: readonly SourceFile[], pure: readonly string[]): readonly string[] {
  return files
    .filter(({ path }) => pure.some((folder) => within(path, folder)))
    .flatMap((file) => [
      ...importsOf(file)
        .filter(({ own }) => !own)
        .map(
          (one) =>
            `${place(one)} imports ${one.to}. ${file.path.split('/')[0]} is pure: let the caller do it and pass the result in.`,
        ),
      ...found(file, IMPURE, (text) => `uses ${text}. ${file.path.split('/')[0]} is pure: pass the value in.`),
    ])
}

/** Import cycles between files, each named once, from its first file in alphabetical order. */
export function cycles(files: readonly SourceFile[]): readonly string[] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ own }) => own)
        .map(({ to }) => to),
    ]),
  )
  const state = new Map<string, 'open' | 'closed'>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'closed') return
    if (state.get(path) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(path)), path].map((one) => `src/${one}`)
      found.push(`${cycle.join(' → ')}. Move what both need into a file of its own that imports neither.`)
      return
    }
    state.set(path, 'open')
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    state.set(path, 'closed')
  }
  for (const { path } of files) visit(path, [])
  return found
}

/** Files that hold more than one idea. */
export function longFiles(files: readonly SourceFile[]): readonly string[] {
  return files
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(
      ({ path, lines }) =>
        `src/${path} has ${lines} lines; ${MAX_LINES} at most. Find the second idea in it and give it a file.`,
    )
}

export function defaultExports(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    found(
      file,
      /^export default\b|^export \{[^}]*\bas default\b/gm,
      () => 'exports a default. Give it a name, so that it is called the same everywhere.',
    ),
  )
}

/** Reads of the environment outside the entry points. */
export function environmentReads(files: readonly SourceFile[], entryPoints: readonly string[]): readonly string[] {
  return files
    .filter(({ path }) => !entryPoints.some((one) => within(path, one)))
    .flatMap((file) =>
      found(
        file,
        /\bprocess\.env\b|\benv\b[^=\n]*\} = process\b/g,
        () =>
          `reads the environment. Only ${list(entryPoints)} may; take it as a parameter, or add it to src/config/environment.ts.`,
      ),
    )
}

export function promises(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    found(
      file,
      /\b(?:TODO|FIXME)\b/g,
      (text) => `says ${text}. Do it now, or open an issue and say in the comment what is so, not what should be.`,
    ),
  )
}

function found({ path, text }: SourceFile, pattern: RegExp, say: (text: string) => string): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => `src/${path}:${lineAt(text, match.index)} ${say(match[0])}`)
}

function ruleFor(path: string, house: readonly Allowance[]): Allowance | undefined {
  return house
    .filter(({ folder }) => within(path, folder))
    .toSorted((left, right) => right.folder.length - left.folder.length)[0]
}

function within(path: string, folderOrFile: string): boolean {
  return path === folderOrFile || path.startsWith(`${folderOrFile}/`)
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function place({ from, line }: Import): string {
  return `src/${from}:${line}`
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing else' : names.map((name) => `src/${name}`).join(', ')
}
