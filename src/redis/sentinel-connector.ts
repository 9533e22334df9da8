import { type SentinelConnectionOptions, SentinelConnector } from 'ioredis'

/**
 * Finds the master, and leaves it when the Sentinels name another. ioredis lets go of what it had subscribed to for one connection only once the next one stands: news
 * of the switch that come while it is being looked for would break the search off, and the client would never try again.
 */
export class LastingSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    // ioredis hands over the options of its client, which has Sentinels.
    super(options as SentinelConnectionOptions)
  }

  override connect(...told: Parameters<SentinelConnector['connect']>): ReturnType<SentinelConnector['connect']> {
    this.disconnect()
    return super.connect(...told)
  }
}
