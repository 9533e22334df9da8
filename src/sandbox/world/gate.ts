/** Where deploys ask whether they may go ahead. */
export interface Gate {
  /** Base URL of the bot. */
  readonly url: string
  readonly token: string
}

/** `unanswered`: nobody could tell, for the reason given. */
export type GateAnswer =
  | { readonly result: 'free' }
  | { readonly result: 'frozen'; readonly reason: string }
  | { readonly result: 'unanswered'; readonly reason: string }

const DEADLINE_MS = 3_000

/** What is about to be deployed. */
export interface Deploy {
  readonly service: string
  readonly scope: string
  readonly deploy: string
}

/** Asks `GET /v1/freezes/{service}`: 200 is free, 423 is frozen, everything else is no answer. Only reads. */
export async function askGate({ url, token }: Gate, { service, ...about }: Deploy): Promise<GateAnswer> {
  try {
    const response = await fetch(
      `${url}/v1/freezes/${encodeURIComponent(service)}?${new URLSearchParams({ ...about }).toString()}`,
      {
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        signal: AbortSignal.timeout(DEADLINE_MS),
      },
    )
    const body = await response.text()
    if (response.status === 200) return { result: 'free' }
    if (response.status === 423) return { result: 'frozen', reason: reasonIn(body) }
    return { result: 'unanswered', reason: `the gate answered ${response.status}` }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return {
      result: 'unanswered',
      reason: `the gate is out of reach (${cause instanceof Error ? cause.message : 'no answer'})`,
    }
  }
}

/** What a pipeline would show its user: the text if the answer has one, the whole answer otherwise. */
function reasonIn(body: string): string {
  try {
    const answer: unknown = JSON.parse(body)
    if (typeof answer !== 'object' || answer === null) return body
    const texts = new Map<string, unknown>(Object.entries(answer))
    const said = ['text', 'message', 'reason', 'error']
      .map((key) => texts.get(key))
      .find((text) => typeof text === 'string')
    return typeof said === 'string' ? said : body
  } catch {
    return body
  }
}
