/** A Web API call that Slack answers with `ok: false`. `fields` join the answer (`needed`, `response_metadata`, …). */
export class MethodRefusal extends Error {
  readonly code: string
  readonly fields: Readonly<Record<string, unknown>>

  constructor(code: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(`Slack refused: ${code}`)
    this.name = 'MethodRefusal'
    this.code = code
    this.fields = fields
  }
}

/** Slack's way to say which argument or block is wrong. */
export function refusalWithMessages(code: string, messages: readonly string[]): MethodRefusal {
  return new MethodRefusal(code, { response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) } })
}
