import type { Config } from './config.ts'
import { crossReferenceProblems } from './cross-references.ts'
import { readWith } from './issues.ts'
import { inReadingOrder, type Problem } from './problem.ts'
import { promqlProblems } from './promql-problems.ts'
import type { Registries } from './registries.ts'
import { configSchema } from './schema.ts'
import { toConfig } from './to-config.ts'
import { parseYaml, type YamlLimits } from './yaml-document.ts'

/** A catalogue of ten thousand services, as a program writes it; it is read once, at the start. */
const CATALOGUE: YamlLimits = { characters: 8 * 1024 * 1024, values: 1_000_000 }

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads incbot.yaml. `file` is the name that messages use, `text` its content. All problems come at once. Never throws. */
export function loadConfig(
  file: string,
  text: string,
  registries: Pick<Registries, 'dataSources' | 'remediations'>,
): LoadedConfig {
  const yaml = parseYaml(file, text, CATALOGUE)
  if (!yaml.ok) return yaml
  const schema = configSchema(registries.dataSources)
  const { content, problems: ofSchema } = readWith(yaml.document, schema)
  const problems = [
    ...ofSchema,
    ...crossReferenceProblems(
      yaml.document,
      registries.dataSources,
      registries.remediations.map(({ kind }) => kind),
    ),
    ...promqlProblems(yaml.document, schema),
  ]
  if (content === undefined || problems.length > 0) return { ok: false, problems: inReadingOrder(problems) }
  return { ok: true, config: toConfig(file, content) }
}
