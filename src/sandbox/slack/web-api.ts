import type { RateLimiter } from './limits.ts'
import type { Method } from './method.ts'
import { methods } from './methods/index.ts'
import { MethodRefusal } from './refusal.ts'
import { jsonReply, type Reply } from './replies.ts'
import type { ReceivedArguments } from './request-arguments.ts'
import { requireScope } from './scopes.ts'
import type { SlackState } from './state.ts'

/** One Web API call from token to answer. Order as in Slack: method, token, rate limit, scopes, arguments, effect. */
export function callMethod(state: SlackState, limiter: RateLimiter, name: string, received: ReceivedArguments): Reply {
  const { options, workspace } = state
  try {
    const method = methods.get(name)
    if (!method) throw new MethodRefusal('unknown_method', { req_method: name })
    checkToken(method, received.token, state)
    const channel = typeof received.args.channel === 'string' ? received.args.channel : ''
    const retryAfterSeconds = limiter.retryAfterSeconds(name, method.tier, channel)
    if (retryAfterSeconds !== undefined) {
      const where = channel === '' ? {} : { channel }
      workspace.emit({ type: 'rate_limited', method: name, ...where, retryAfterSeconds, at: workspace.now() })
      return jsonReply(429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(retryAfterSeconds) })
    }
    for (const scope of method.scopes) requireScope(state, scope)
    const { team_id: _, ...args } = received.args
    const answer = method.call(args, state)
    return jsonReply(200, { ok: true, ...withWarning(answer, received.warning) }, scopeHeaders(options.scopes, method))
  } catch (error) {
    if (error instanceof MethodRefusal) return refusalReply(error)
    throw error
  }
}

/** What Slack answers with `ok: false`; the status is 200 all the same. */
export function refusalReply(refusal: MethodRefusal): Reply {
  return jsonReply(200, { ok: false, error: refusal.code, ...refusal.fields })
}

function checkToken(method: Method, token: string | undefined, { options }: SlackState): void {
  if (method.token === 'none') return
  if (token === undefined) throw new MethodRefusal('not_authed')
  const kind = token === options.botToken ? 'bot' : token === options.appToken ? 'app' : undefined
  if (kind === undefined) throw new MethodRefusal('invalid_auth')
  if (kind !== method.token) throw new MethodRefusal('not_allowed_token_type')
}

function withWarning(answer: Readonly<Record<string, unknown>>, warning: string | undefined): typeof answer {
  return warning === undefined ? answer : { ...answer, warning, response_metadata: { warnings: [warning] } }
}

function scopeHeaders(scopes: readonly string[], method: Method): Readonly<Record<string, string>> {
  if (method.token !== 'bot') return {}
  return { 'x-oauth-scopes': scopes.join(','), 'x-accepted-oauth-scopes': method.scopes.join(',') }
}
