import { describe, expect, it } from '@jest/globals'
import { type Fault, startSlackStandIn } from '../../src/sandbox/slack/index.ts'
import { createSlackCall } from '../../src/slack/api.ts'
import { SlackError } from '../../src/slack/errors.ts'
import { botToken, workspaceOptions } from './workspace.ts'

const message = { channel: 'C0INFER', text: 'hello' }

async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
    return 'ok'
  } catch (error) {
    if (!(error instanceof SlackError)) return error
    return [error.kind, error.code, ...(error.retryAfterMs === undefined ? [] : [error.retryAfterMs])]
  }
}

describe('a failed call to Slack', () => {
  const cases: readonly (readonly [string, Fault, readonly unknown[]])[] = [
    ['429 with Retry-After', { status: 429, retryAfter: 7 }, ['rate-limited', 'ratelimited', 7_000]],
    ['429 without Retry-After', { status: 429 }, ['rate-limited', 'ratelimited', 30_000]],
    ['a 503', { status: 503, body: 'sorry' }, ['ambiguous', 'http_503']],
    ['a 403', { status: 403, body: 'no' }, ['refused', 'http_403']],
    ['a page that is no JSON', { status: 200, body: '<html>hello</html>' }, ['ambiguous', 'bad_answer']],
    ['fatal_error', { status: 200, body: '{"ok":false,"error":"fatal_error"}' }, ['ambiguous', 'fatal_error']],
    ['no answer', 'timeout', ['ambiguous', expect.anything()]],
    ['an answer that never came', 'accept_then_timeout', ['ambiguous', expect.anything()]],
    ['a connection that broke', 'reset', ['ambiguous', 'ECONNRESET']],
  ]

  it.each(cases)('is understood: %s', async (_name, fault, expected) => {
    const slack = await startSlackStandIn(workspaceOptions())
    try {
      slack.failNext('chat.postMessage', fault)
      const call = createSlackCall({ botToken, apiUrl: slack.url })
      // Only who never gets an answer has to run out of time; the others may take theirs on a busy machine.
      const patienceMs = fault === 'timeout' || fault === 'accept_then_timeout' ? 200 : 5_000
      expect(await failure(call('chat.postMessage', message, AbortSignal.timeout(patienceMs)))).toEqual(expected)
    } finally {
      await slack.stop()
    }
  })

  it('is a refusal with Slack’s own code and what it needs', async () => {
    const slack = await startSlackStandIn(workspaceOptions({ scopes: [] }))
    try {
      const call = createSlackCall({ botToken, apiUrl: slack.url })
      const sent = call('chat.postMessage', message, AbortSignal.timeout(2_000))
      await expect(sent).rejects.toMatchObject({
        kind: 'refused',
        code: 'missing_scope',
        message: expect.stringContaining('needs chat:write'),
      })
    } finally {
      await slack.stop()
    }
  })

  it('was certainly not sent when nobody listens', async () => {
    const gone = await startSlackStandIn(workspaceOptions())
    await gone.stop()
    const call = createSlackCall({ botToken, apiUrl: gone.url })
    const sent = call('chat.postMessage', message, AbortSignal.timeout(2_000))
    expect(await failure(sent)).toEqual(['unavailable', 'ECONNREFUSED'])
  })
})
