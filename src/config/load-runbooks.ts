import type { Runbook } from '../domain/runbook.ts'
import { readWith, valueProblem } from './issues.ts'
import { lintRunbook } from './lint-runbook.ts'
import { inReadingOrder, type Problem } from './problem.ts'
import { field, text } from './raw.ts'
import type { Registries } from './registries.ts'
import { type RunbookFile, runbookSchema } from './runbook-schema.ts'
import { parseYaml, type YamlDocument } from './yaml-document.ts'

export interface LoadedRunbooks {
  /** Those without a problem, in the order of their files. */
  readonly runbooks: readonly Runbook[]
  readonly problems: readonly Problem[]
}

/**
 * Reads runbooks. One that is broken is left out with its problems and takes none of the others with it; of two with one name the
 * first stays. `services` are the names in the catalogue; without them, services that a runbook names are not checked. Never throws.
 */
export function loadRunbooks(
  files: readonly { readonly file: string; readonly text: string }[],
  registries: Pick<Registries, 'checks' | 'remediations'>,
  services?: readonly string[],
): LoadedRunbooks {
  const schema = runbookSchema(registries)
  const runbooks: Runbook[] = []
  const problems: Problem[] = []
  const fileOfName = new Map<string, string>()
  for (const { file, text: content } of files) {
    const yaml = parseYaml(file, content)
    if (!yaml.ok) {
      problems.push(...yaml.problems)
      continue
    }
    const { content: read, problems: ofSchema } = readWith(yaml.document, schema)
    const found = [
      ...ofSchema,
      ...lintRunbook(yaml.document, registries, services),
      ...sameName(yaml.document, fileOfName),
    ]
    problems.push(...found)
    if (read !== undefined && found.length === 0) runbooks.push(toRunbook(file, read))
  }
  return { runbooks, problems: inReadingOrder(problems) }
}

function sameName(document: YamlDocument, fileOfName: Map<string, string>): Problem[] {
  const name = text(field(document.value, 'name'))
  if (name === undefined) return []
  const first = fileOfName.get(name)
  if (first === undefined) fileOfName.set(name, document.file)
  return first === undefined ? [] : [valueProblem(document, ['name'], `the runbook "${name}" is already in ${first}`)]
}

function toRunbook(file: string, content: RunbookFile): Runbook {
  const { checks, remediations, verifyAfter, verifyAgainAfter, ...same } = content
  return {
    ...same,
    file,
    checks: checks.map((one) => ({
      id: one.id ?? one.check,
      check: one.check,
      parameters: one.with,
      timeoutMs: one.timeout,
    })),
    remediations: remediations.map(({ with: parameters, ...one }) => ({ ...one, parameters })),
    verifyAfterMs: verifyAfter,
    verifyAgainAfterMs: verifyAgainAfter,
  }
}
