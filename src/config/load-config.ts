import type { Config } from './config.ts'
import { crossReferenceProblems } from './cross-references.ts'
import { schemaProblems } from './issues.ts'
import { inReadingOrder, type Problem } from './problem.ts'
import { promqlProblems } from './promql-problems.ts'
import type { Registries } from './registries.ts'
import { configSchema } from './schema.ts'
import { toConfig } from './to-config.ts'
import { parseYaml } from './yaml-document.ts'

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads incbot.yaml. `file` is the name that messages use, `text` its content. All problems come at once. Never throws. */
export function loadConfig(file: string, text: string, registries: Pick<Registries, 'dataSources'>): LoadedConfig {
  const yaml = parseYaml(file, text)
  if (!yaml.ok) return yaml
  const schema = configSchema(registries.dataSources)
  const problems = [
    ...schemaProblems(yaml.document, schema),
    ...crossReferenceProblems(yaml.document, registries.dataSources),
    ...promqlProblems(yaml.document, schema),
  ]
  if (problems.length > 0) return { ok: false, problems: inReadingOrder(problems) }
  return { ok: true, config: toConfig(file, schema.parse(yaml.document.value)) }
}
