import { open } from 'node:fs/promises'
import { z } from 'zod'
import type { DeployRecord } from './datasource.ts'
import { defineDataSource, SourceError } from './datasource.ts'

/** Enough for months of deploys, little enough to read at every diagnosis. */
const TAIL_BYTES = 1_000_000

const line = z.object({
  at: z.iso.datetime({ offset: true }),
  service: z.string(),
  version: z.string().optional(),
  what: z.string().optional(),
})

/** A file with one JSON object per line: `{"at":"2026-03-15T03:40:00Z","service":"inference","version":"v47"}`. Its last megabyte is read. */
export const deployLog = defineDataSource({
  type: 'deploy-log',
  offers: ['deploys'],
  config: z.strictObject({ path: z.string().min(1) }),
  open: (name, { path }, deps) => ({
    name,
    type: 'deploy-log',
    deploys: {
      async deploys(service, window) {
        const { records, bad } = parseLines(await readTail(name, path), service.name)
        const warnings = bad === 0 ? [] : [`${bad} lines of ${path} are not deploy records and were left out`]
        return {
          value: records.filter(({ at }) => at >= window.from && at <= window.to),
          query: `read ${path}`,
          asOf: deps.now(),
          warnings,
        }
      },
    },
    probe: async () => {
      await readTail(name, path)
    },
  }),
})

function parseLines(
  text: string,
  service: string,
): { readonly records: readonly DeployRecord[]; readonly bad: number } {
  let bad = 0
  const records = text.split('\n').flatMap((row): DeployRecord[] => {
    if (row.trim() === '') return []
    const parsed = line.safeParse(jsonOf(row))
    if (!parsed.success) {
      bad += 1
      return []
    }
    const { at, version, what } = parsed.data
    return parsed.data.service === service ? [{ at: Date.parse(at), what: what ?? version ?? 'deploy' }] : []
  })
  return { records: records.sort((a, b) => a.at - b.at), bad }
}

function jsonOf(row: string): unknown {
  try {
    return JSON.parse(row)
  } catch {
    return undefined
  }
}

async function readTail(name: string, path: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const start = Math.max(0, size - TAIL_BYTES)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
      const text = buffer.toString('utf8', 0, bytesRead)
      // The first line of a tail is probably half a line.
      return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new SourceError('unreachable', name, `The deploy log ${path} cannot be read.`, { cause: error })
  }
}
