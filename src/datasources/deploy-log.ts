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
        const { text, whole } = await readTail(name, path)
        const { records, bad, oldestAt } = parseLines(text, service.name)
        const reachesBack = whole || (oldestAt !== undefined && oldestAt <= window.from)
        return {
          value: records.filter(({ at }) => at >= window.from && at <= window.to),
          query: `read ${path}`,
          asOf: deps.now(),
          warnings: [
            ...(bad === 0 ? [] : [`${bad} lines of ${path} are not deploy records and were left out`]),
            ...(reachesBack ? [] : [`${path} is long: what was read does not reach back to the start of the window`]),
            ...(records.length > 0 ? [] : [`no line of ${path} is about ${service.name}`]),
          ],
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
): { readonly records: readonly DeployRecord[]; readonly bad: number; readonly oldestAt: number | undefined } {
  let bad = 0
  let oldestAt: number | undefined
  const records = text.split('\n').flatMap((row): DeployRecord[] => {
    if (row.trim() === '') return []
    const parsed = line.safeParse(jsonOf(row))
    if (!parsed.success) {
      bad += 1
      return []
    }
    const { version, what } = parsed.data
    const at = Date.parse(parsed.data.at)
    oldestAt = Math.min(oldestAt ?? at, at)
    return parsed.data.service === service ? [{ at, what: what ?? version ?? 'deploy' }] : []
  })
  return { records: records.sort((a, b) => a.at - b.at), bad, oldestAt }
}

function jsonOf(row: string): unknown {
  try {
    return JSON.parse(row)
  } catch {
    return undefined
  }
}

async function readTail(name: string, path: string): Promise<{ readonly text: string; readonly whole: boolean }> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const start = Math.max(0, size - TAIL_BYTES)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
      const text = buffer.toString('utf8', 0, bytesRead)
      // The first line of a tail is probably half a line.
      return { text: start === 0 ? text : text.slice(text.indexOf('\n') + 1), whole: start === 0 }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new SourceError('unreachable', name, `The deploy log ${path} cannot be read.`, { cause: error })
  }
}
