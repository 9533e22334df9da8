import type { startSlackStandIn } from '../../src/sandbox/slack/index.ts'

export type SlackStandIn = Awaited<ReturnType<typeof startSlackStandIn>>

/** When (as performance.now() says it) the next message or change of one that says so stands in a channel. Rejects after 30 s. */
export function nextPost(slack: SlackStandIn, channel: string, says = /./): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`Nothing in ${channel} said ${says} within 30 s`)), 30_000)
    slack.on((event) => {
      if (event.type !== 'message' && event.type !== 'update') return
      if (event.channel !== channel || !says.test(event.message.text)) return
      clearTimeout(late)
      resolve(performance.now())
    })
  })
}
