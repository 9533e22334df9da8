export { analyzeMemory } from './analyze-memory.ts'
export type { Interval, MemorySeries, MemoryVerdict } from './types.ts'
