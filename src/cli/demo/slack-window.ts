import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SlackMessage, SlackStandIn } from '../../sandbox/slack/index.ts'
import { type ShownMessage, shownMessage } from './plain-text.ts'
import type { Transcript } from './transcript.ts'

interface ShownCard extends ShownMessage {
  readonly ts: string
  readonly lines: readonly string[]
}

/** Somebody looking at one Slack channel: everything new that appears in it is told. */
export interface SlackWindow {
  /** The incident's one message as it stands, if it stands there yet. */
  readonly card: () => ShownCard | undefined
  /** Every message of its own in the channel, oldest first. */
  readonly cards: () => readonly ShownCard[]
  /** Paths of the charts that were uploaded. */
  readonly charts: readonly string[]
  /** How long nothing has happened in Slack. */
  readonly quietMs: () => number
}

/** Tells what happens in the channel from now on; charts are written to `directory`. */
export function watchSlack(options: {
  readonly slack: SlackStandIn
  readonly channel: string
  readonly names: Readonly<Record<string, string>>
  readonly directory: string
  readonly transcript: Transcript
}): SlackWindow {
  const { slack, channel, names, directory, transcript } = options
  const nameOf = (id: string): string | undefined => names[id]
  const seen = new Map<string, ShownMessage>()
  const charts: string[] = []
  let lastAt = performance.now()

  const tellMessage = (message: SlackMessage): void => {
    const shown = shownMessage(message, nameOf)
    const before = seen.get(message.ts)
    seen.set(message.ts, shown)
    if (message.threadTs !== undefined && message.threadTs !== message.ts) tellReply(transcript, shown, before)
    else tellCard(transcript, shown, before)
  }

  slack.on((event) => {
    lastAt = performance.now()
    switch (event.type) {
      case 'message':
      case 'update':
        if (event.channel === channel && event.message.user === slack.bot.userId) tellMessage(event.message)
        return
      case 'ephemeral': {
        const { user, text } = event.ephemeral
        const { paragraphs } = shownMessage({ text }, nameOf)
        transcript.quote('slack', [`(only ${nameOf(user) ?? user} sees this)`, ...paragraphs.flat()])
        return
      }
      case 'file': {
        const path = join(directory, `chart-${charts.length + 1}.png`)
        writeFileSync(path, event.file.bytes)
        charts.push(path)
        transcript.tell('slack', `chart in the thread: ${path}\n${event.file.altText ?? ''}`)
        return
      }
      case 'rate_limited':
        transcript.tell('slack', `429 to ${event.method}, again after ${event.retryAfterSeconds} s`)
        return
      case 'delete':
        return
    }
  })

  const cards = (): readonly ShownCard[] =>
    slack
      .messages(channel)
      .filter(({ user, deleted, ts, threadTs = ts }) => user === slack.bot.userId && !deleted && threadTs === ts)
      .map((message) => {
        const shown = shownMessage(message, nameOf)
        return { ...shown, ts: message.ts, lines: shown.paragraphs.flat() }
      })

  return { charts, cards, card: () => cards()[0], quietMs: () => performance.now() - lastAt }
}

/** In full when it is new or has new things to press; else only what was not there before. */
function tellCard(transcript: Transcript, shown: ShownMessage, before: ShownMessage | undefined): void {
  const lines = shown.paragraphs.flat()
  if (before !== undefined && shown.buttons.length <= before.buttons.length) {
    const known = new Set(before.paragraphs.flat().map(withoutSeconds))
    const news = lines.filter((line) => !known.has(withoutSeconds(line)))
    if (news.length > 0) transcript.quote('slack', news)
    return
  }
  const labels = shown.buttons.map(({ label }) => `[ ${label} ]`).join('  ')
  transcript.quote('slack', [...lines, ...(labels === '' ? [] : [labels]), ...shown.footer])
}

/** A clock that went on is no news. */
function withoutSeconds(line: string): string {
  return line.replace(/, \d+ s\b/, '')
}

/** The thread goes into detail: how each paragraph begins is enough here. */
function tellReply(transcript: Transcript, shown: ShownMessage, before: ShownMessage | undefined): void {
  if (before !== undefined || shown.paragraphs.length === 0) return
  transcript.quote(
    'thread',
    shown.paragraphs.flatMap((lines) => (lines[0]?.startsWith('•') ? lines : [lines.slice(0, 2).join(': ')])),
  )
}
