export { analyzeMemory } from './analyze-memory.ts'
export type { Interval, MemorySeries, MemoryVerdict, SeriesLike } from './types.ts'
