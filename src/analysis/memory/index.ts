export { analyzeMemory } from './analyze-memory.ts'
export type {
  GrowthDriver,
  Interval,
  MemoryExplanation,
  MemoryRestart,
  MemorySegment,
  MemorySeries,
  MemoryVerdict,
} from './types.ts'
