import { z } from 'zod'
import type { Registries } from './registries.ts'
import { runbookSchema } from './runbook-schema.ts'
import { configSchema } from './schema.ts'

/** JSON Schemas for editors, by file name: made of what the loaders themselves use, so that the two cannot differ. */
export function generateSchemas(registries: Registries): Readonly<Record<string, string>> {
  return {
    'incbot.schema.json': jsonSchema('incbot.yaml', configSchema(registries.dataSources)),
    'runbook.schema.json': jsonSchema('A runbook of incbot', runbookSchema(registries)),
  }
}

function jsonSchema(title: string, schema: z.ZodType): string {
  // What a person writes (`5m`), not what is made of it; a parameter that JSON Schema cannot describe may be anything.
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return `${JSON.stringify({ $schema, title, ...rest }, undefined, 2)}\n`
}
