export interface SweepMeter {
  sweep(result: 'ok' | 'failed', missed: number): void
}
