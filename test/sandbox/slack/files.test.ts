import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import type { WebClient } from '@slack/web-api'
import { messagesOf, outcome, withSlack } from './fixture.ts'

const png = Buffer.from('89504e470d0a1a0a', 'hex')

async function announce(web: WebClient, length = png.length) {
  const announced = await web.apiCall('files.getUploadURLExternal', { filename: 'memory.png', length, alt_txt: '61 %' })
  // Both are in every successful answer.
  return announced as unknown as { upload_url: string; file_id: string }
}

describe('files', () => {
  it('come in by three steps and can stand in a block once processed', async () => {
    await withSlack({ fileProcessingMs: 1_000 }, async (slack, web) => {
      const { upload_url, file_id } = await announce(web)
      expect(await outcome(web.files.completeUploadExternal({ files: [{ id: file_id }] }))).toBe('file_not_found')
      const upload = await fetch(upload_url, { method: 'POST', body: png })
      expect([upload.status, await upload.text()]).toEqual([200, 'OK - 8'])
      await web.files.completeUploadExternal({ files: [{ id: file_id, title: 'Memory' }] })

      const blocks = [{ type: 'image', alt_text: '61 %', slack_file: { id: file_id } }]
      const post = () => web.chat.postMessage({ channel: 'C0INFER', text: 'chart', blocks })
      expect((await web.files.info({ file: file_id })).file?.mimetype).toBe('')
      expect(await outcome(post())).toBe('invalid_blocks')
      expect(await messagesOf(post())).toEqual([
        '[ERROR] invalid slack file: slack file is still being processed [json-pointer:/blocks/0/slack_file]',
      ])
      await pause(1_100)
      expect((await web.files.info({ file: file_id })).file?.mimetype).toBe('image/png')
      expect(await outcome(post())).toBe('ok')
      expect(slack.files).toMatchObject([{ id: file_id, title: 'Memory', altText: '61 %', bytes: png }])
    })
  })

  it('are shared into a thread by the real filesUploadV2', async () => {
    await withSlack({}, async (slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'parent' })
      await web.filesUploadV2({ channel_id: 'C0INFER', thread_ts: ts, file: png, filename: 'a.png', title: 'A' })
      expect(slack.files).toMatchObject([{ name: 'a.png', title: 'A', channel: 'C0INFER', threadTs: ts, bytes: png }])
      expect(slack.thread('C0INFER', ts)).toMatchObject([{ files: [] }, { files: [slack.files[0]?.id] }])
    })
  })

  it('keep their description only under the name that Slack documents', async () => {
    await withSlack({}, async (_slack, web) => {
      const misnamed = web.files.getUploadURLExternal({ filename: 'a.png', length: 8, alt_text: 'lost' })
      expect((await messagesOf(misnamed))[0]).toContain('Slack documents alt_txt')
    })
  })

  it('must have the announced length, once, at an address that exists', async () => {
    await withSlack({}, async (slack, web) => {
      const { upload_url } = await announce(web, 9)
      const post = async (url: string) => (await fetch(url, { method: 'POST', body: png })).status
      expect(await post(upload_url)).toBe(400)
      const right = await announce(web)
      expect([await post(right.upload_url), await post(right.upload_url)]).toEqual([200, 400])
      expect(await post(upload_url.replace(/[^/]+$/, 'nowhere'))).toBe(404)
      expect(slack.files).toEqual([])
    })
  })

  it('go only into channels that the bot has joined, and complete once', async () => {
    await withSlack({}, async (_slack, web) => {
      const { upload_url, file_id } = await announce(web)
      await fetch(upload_url, { method: 'POST', body: png })
      const complete = (channel_id: string) =>
        outcome(web.files.completeUploadExternal({ files: [{ id: file_id }], channel_id }))
      expect(await complete('C0LOBBY')).toBe('not_in_channel')
      expect(await complete('C0INFER')).toBe('ok')
      expect(await complete('C0INFER')).toBe('file_not_found')
    })
  })
})
