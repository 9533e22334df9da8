/** What the API answers instead of doing it. Codes: https://developer.pagerduty.com/docs/errors */
export class Refusal extends Error {
  readonly status: number
  readonly code: number
  readonly errors: readonly string[]
  constructor(status: number, code: number, message: string, errors: readonly string[] = []) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.errors = errors
  }

  get body(): unknown {
    return { error: { message: this.message, code: this.code, errors: this.errors } }
  }
}

export function notFound(): Refusal {
  return new Refusal(404, 2100, 'Not Found')
}

export function invalidInput(...errors: readonly string[]): Refusal {
  return new Refusal(400, 2001, 'Invalid Input Provided', errors)
}
