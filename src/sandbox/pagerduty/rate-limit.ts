const WINDOW_MS = 60_000
const LIMIT = 960

/** 960 requests a minute and key, told in the answer's headers. https://developer.pagerduty.com/docs/rest-api-rate-limits */
export function createRateLimit(now: () => number) {
  let startedAt = now()
  let used = 0

  function headers(remaining: number): Record<string, string> {
    const reset = Math.ceil((startedAt + WINDOW_MS - now()) / 1000)
    return { 'ratelimit-limit': `${LIMIT}`, 'ratelimit-remaining': `${remaining}`, 'ratelimit-reset': `${reset}` }
  }

  return {
    /** Counts one request. */
    take(): { readonly allowed: boolean; readonly headers: Record<string, string> } {
      if (now() - startedAt >= WINDOW_MS) {
        startedAt = now()
        used = 0
      }
      used += 1
      return { allowed: used <= LIMIT, headers: headers(Math.max(0, LIMIT - used)) }
    },
    exhausted: (): Record<string, string> => headers(0),
  }
}

export const RATE_LIMIT_BODY = { error: { message: 'Rate Limit Exceeded', code: 2020 } }
