/** What the Slack side counts. */
export interface SlackMeter {
  /** One call to the Web API. `result`: `ok`, or why not; `kept-back`: told to come back, by our own limits. */
  slackCall(
    method: string,
    result: 'ok' | 'superseded' | 'kept-back' | 'rate-limited' | 'refused' | 'ambiguous' | 'unavailable',
    ms: number,
  ): void
  /** How many calls wait for their turn. */
  slackQueue(waiting: number): void
  /** What became of something that should stand in Slack: card, details, chart, … */
  slackDelivery(kind: string, result: 'posted' | 'edited' | 'found' | 'abandoned' | 'fallback' | 'left-out'): void
  /** A request from Slack, or from somebody who says so. */
  slackRequest(
    kind: string,
    result: 'accepted' | 'forged' | 'stale' | 'replayed' | 'malformed' | 'too-large' | 'too-often' | 'failed',
  ): void
}
