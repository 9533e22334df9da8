import { afterEach, beforeEach, jest } from '@jest/globals'
import { NOW } from '../builders.ts'

/** Time that passes only when a test says so, from 03:42 on. */
export function useClock(): void {
  beforeEach(() => {
    jest.useFakeTimers({ now: NOW, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] })
  })
  afterEach(() => {
    jest.useRealTimers()
  })
}
