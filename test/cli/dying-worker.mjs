import { appendFileSync, readFileSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

// Stands in for a thread of the analysis. It answers each series with its limit, so that a test sees which answer is whose;
// it dies over a limit of 13 always, and over a limit of 7 the first time. The file `deaths` beside it counts.
const log = new URL('deaths', import.meta.url)

parentPort?.on('message', (series) => {
  const deaths = readFileSync(log, 'utf8').length
  if (series.some(({ limitBytes }) => limitBytes === 13 || (limitBytes === 7 && deaths === 0))) {
    appendFileSync(log, 'x')
    throw new Error('out of memory')
  }
  parentPort?.postMessage(series.map(({ limitBytes }) => ({ levelBytes: limitBytes })))
})
