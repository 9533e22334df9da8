import type { Chart } from '../../domain/chart.ts'
import type { DesiredChart } from '../desired.ts'
import { clean, shorten } from '../render/text.ts'
import { callSlack, type Desk, slackFailure } from './desk.ts'
import { findFile } from './find.ts'
import { giveUp, isFinalRefusal, isStale, leaveOut, type Thread } from './thread.ts'

const ALT_TEXT = 1_000
const TITLE = 200
const UPLOAD_MS = 10_000

/**
 * Uploads a chart to the card's thread, once: until the last of Slack's three steps nobody sees it, and from the second on the intent holds
 * the file's id, by which it is looked for after a crash.
 */
export async function deliverChart(desk: Desk, thread: Thread, { key, chart }: DesiredChart): Promise<void> {
  const { ledger } = desk
  const before = ledger.of(key)
  if (before?.state === 'sent' || before?.state === 'abandoned') return
  if (before?.reference !== undefined) {
    const found = await findFile(desk, thread, before.reference, before.updatedAt)
    if (found === 'unreadable') return giveUp(desk, key, 'unconfirmed')
    if (found !== 'absent') {
      await ledger.confirm(before, {})
      desk.meter?.slackDelivery('chart', 'found')
      return
    }
  }
  const bytes = await desk.renderChart(chart).catch((error: unknown) => {
    desk.log.error({ err: error, delivery: key }, 'A chart could not be drawn')
  })
  if (bytes === undefined) return giveUp(desk, key, 'not_drawn')
  try {
    await share(desk, thread, key, chart, bytes)
  } catch (error) {
    const failure = slackFailure(error)
    if (isStale(desk, failure, key)) return leaveOut(desk, key)
    if (!isFinalRefusal(failure)) throw failure
    await giveUp(desk, key, failure.code)
  }
}

async function share(desk: Desk, thread: Thread, key: string, chart: Chart, bytes: Uint8Array): Promise<void> {
  const { file_id, upload_url } = await callSlack(
    desk,
    'files.getUploadURLExternal',
    {
      filename: 'chart.png',
      length: bytes.length,
      alt_txt: shorten(clean(chart.altText), ALT_TEXT) || 'Chart',
    },
    { placeKey: key },
  )
  if (typeof file_id !== 'string' || typeof upload_url !== 'string') {
    throw new TypeError('files.getUploadURLExternal answered without an address')
  }
  await desk.upload(upload_url, bytes, AbortSignal.any([desk.hold.signal, AbortSignal.timeout(UPLOAD_MS)]))
  const intent = await desk.ledger.intend(key, { channel: thread.channel, reference: file_id })
  await callSlack(
    desk,
    'files.completeUploadExternal',
    {
      files: [{ id: file_id, title: shorten(clean(chart.title), TITLE) || 'Chart' }],
      channel_id: thread.channel,
      thread_ts: thread.threadTs,
    },
    { placeKey: key },
  )
  await desk.ledger.confirm(intent, { reference: file_id })
  desk.keptBack.over(key)
  desk.meter?.slackDelivery('chart', 'posted')
}
