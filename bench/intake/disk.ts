import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { median } from '../report.ts'

const TIMES = 50
const WRITTEN = Buffer.alloc(64 * 1024, 1)

/** How long the disk under a folder takes to make an appended 64 kB durable, in ms: what every durable answer waits for. */
export function syncMs(directory: string): number {
  const file = openSync(join(directory, 'sync-probe'), 'w')
  try {
    return median(
      Array.from({ length: TIMES }, () => {
        writeSync(file, WRITTEN)
        const began = performance.now()
        fdatasyncSync(file)
        return performance.now() - began
      }),
    )
  } finally {
    closeSync(file)
  }
}
