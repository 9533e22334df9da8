import type { z } from 'zod'
import { valueProblem } from './issues.ts'
import { promqlProblem } from './lint-promql.ts'
import type { Path, Problem } from './problem.ts'
import { at } from './raw.ts'
import { textsOfFormat } from './schema-walk.ts'
import type { YamlDocument } from './yaml-document.ts'

/** Problems of every text at or below `path` that `schema` marks with `.meta({ format: 'promql' })`. */
export function promqlProblems(document: YamlDocument, schema: z.ZodType, path: Path = []): Problem[] {
  return textsOfFormat(schema, at(document.value, path), 'promql').flatMap((marked) => {
    const found = promqlProblem(marked.text)
    if (found === undefined) return []
    const whole = [...path, ...marked.path]
    return [{ ...valueProblem(document, whole, found.message), ...document.locateIn(whole, found.offset) }]
  })
}
