import { parentPort } from 'node:worker_threads'
import { analyzeMemory } from '../analysis/memory/index.ts'
import type { Answers, PackedSeries } from './analysis-message.ts'

// The thread behind `createAnalysisPool`: series in, their verdicts out, in the same order.
parentPort?.on('message', (series: readonly PackedSeries[]) => {
  const answers: Answers = series.map(analyzeMemory)
  parentPort?.postMessage(answers)
})
