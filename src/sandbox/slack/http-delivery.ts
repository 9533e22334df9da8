import type { DeliveryFailure } from './types.ts'

const ackDeadlineMs = 3000

export interface HttpAnswer {
  readonly status: number | undefined
  readonly body: string
  readonly ackMs: number
  readonly failure?: DeliveryFailure
  /** The app asked not to be sent this event again. */
  readonly noRetry: boolean
}

/** POSTs once and gives up after 3 s, as Slack does. Redirects count as errors. Never rejects. */
export async function postToBot(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<HttpAnswer> {
  const started = performance.now()
  const signal = AbortSignal.timeout(ackDeadlineMs)
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    const text = await response.text()
    return {
      status: response.status,
      body: text,
      ackMs: performance.now() - started,
      noRetry: response.headers.get('x-slack-no-retry') === '1',
      ...(!response.ok && { failure: 'http_error' as const }),
    }
  } catch {
    const failure = signal.aborted ? 'timeout' : 'unreachable'
    return { status: undefined, body: '', ackMs: performance.now() - started, failure, noRetry: false }
  }
}
