import { setTimeout as sleep } from 'node:timers/promises'
import type { Town } from './town.ts'

/** What a bot says to whoever pressed while its store was away: the press counts for nothing, and the person knows. */
const EXCUSE = /^incbot could not record this/
/** From Slack's answer to the words on the person's screen. */
const TOLD_WITHIN_MS = 400

export interface Excuses {
  /** Whether this person was told in this channel that a press made at `since` was not recorded. One excuse is for one press. */
  made(user: string, channel: string, since: number): Promise<boolean>
}

export function listenForExcuses(town: Pick<Town, 'slack'>): Excuses {
  const heard: { readonly user: string; readonly channel: string; readonly at: number }[] = []
  town.slack.on((event) => {
    if (event.type !== 'ephemeral' || !EXCUSE.test(event.ephemeral.text)) return
    heard.push({ user: event.ephemeral.user, channel: event.channel, at: Date.now() })
  })
  return {
    async made(user, channel, since) {
      await sleep(TOLD_WITHIN_MS)
      const index = heard.findIndex((one) => one.user === user && one.channel === channel && one.at >= since)
      if (index < 0) return false
      heard.splice(index, 1)
      return true
    },
  }
}
