const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 60_000

/** ms until a key is handled again that has now failed `failures` (1, 2, …) times in a row: 1 s, 2 s, 4 s … every 60 s. */
export function retryDelayMs(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS)
}
