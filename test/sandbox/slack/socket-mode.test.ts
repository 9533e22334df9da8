import { describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import type { SlackStandIn } from '../../../src/sandbox/slack/index.ts'
import { ada, appToken, client, withSlack } from './fixture.ts'

interface Frame {
  readonly type: string
  readonly envelope_id?: string
  readonly payload?: { readonly command?: string }
  readonly retry_attempt?: number
}

/** A bare client that answers every envelope as told. */
async function connect(slack: SlackStandIn, onEnvelope: (frame: Frame, socket: WebSocket) => void): Promise<Frame[]> {
  const { url = '' } = await client(slack, appToken).apps.connections.open()
  const frames: Frame[] = []
  const socket = new WebSocket(url)
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame
      frames.push(frame)
      if (frame.type === 'hello') resolve()
      else if (frame.envelope_id !== undefined) onEnvelope(frame, socket)
    })
  })
  return frames
}

const acknowledge = ({ envelope_id }: Frame, socket: WebSocket): void => socket.send(JSON.stringify({ envelope_id }))
const type = (slack: SlackStandIn) =>
  slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: 'status' })

describe('Socket Mode', () => {
  it('greets, then takes turns over all connections', async () => {
    await withSlack({}, async (slack) => {
      const first = await connect(slack, acknowledge)
      const second = await connect(slack, acknowledge)
      expect(slack.connections).toBe(2)
      for (let turn = 0; turn < 4; turn += 1)
        expect(await type(slack)).toMatchObject({ status: 200, transport: 'socket' })
      expect([first, second].map((frames) => frames.map((frame) => frame.type))).toEqual([
        ['hello', 'slash_commands', 'slash_commands'],
        ['hello', 'slash_commands', 'slash_commands'],
      ])
    })
  })

  it('shows the payload of an ack to the person', async () => {
    await withSlack({}, async (slack) => {
      await connect(slack, ({ envelope_id }, socket) =>
        socket.send(JSON.stringify({ envelope_id, payload: { text: 'on it' } })),
      )
      expect(await type(slack)).toMatchObject({ body: '{"text":"on it"}' })
      expect(slack.ephemerals).toMatchObject([{ text: 'on it' }])
    })
  })

  it('takes no ack for another envelope, and none at all from a connection that dies', async () => {
    await withSlack({}, async (slack) => {
      await connect(slack, (_frame, socket) => {
        for (const nonsense of ['not json', 'null', '5', '[]']) socket.send(nonsense)
        socket.send(JSON.stringify({ envelope_id: 'another' }))
        socket.terminate()
      })
      expect(await type(slack)).toMatchObject({ status: undefined, failure: 'unreachable' })
      expect(slack.connections).toBe(0)
    })
  })

  it('sends an unacknowledged event again, over a connection that lives', async () => {
    await withSlack({ eventRetryDelaysMs: [20] }, async (slack) => {
      await connect(slack, (_frame, socket) => socket.terminate())
      const first = await slack.mention({ user: ada.id, channel: 'C0INFER', text: 'hi' })
      expect(first.failure).toBe('unreachable')
      const retried = new Promise<Frame>((resolve, reject) => {
        connect(slack, (frame, socket) => {
          acknowledge(frame, socket)
          resolve(frame)
        }).catch(reject)
      })
      expect(await retried).toMatchObject({ type: 'events_api', retry_attempt: 1 })
    })
  })

  it('prefers HTTP as soon as there is a request URL', async () => {
    await withSlack({ requestUrl: 'http://127.0.0.1:9/' }, async (slack) => {
      await connect(slack, acknowledge)
      expect(await type(slack)).toMatchObject({ transport: 'http', failure: 'unreachable' })
    })
  })

  it('opens each address once', async () => {
    await withSlack({}, async (slack) => {
      const { url = '' } = await client(slack, appToken).apps.connections.open()
      const open = (address: string) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(address)
          socket.on('open', () => resolve('open'))
          socket.on('error', (error) => resolve(error.message))
        })
      expect([await open(url), await open(url)]).toEqual(['open', 'Unexpected server response: 403'])
    })
  })

  it('can ask clients to reconnect', async () => {
    await withSlack({}, async (slack) => {
      const { url = '' } = await client(slack, appToken).apps.connections.open()
      const socket = new WebSocket(url)
      const asked = new Promise<Frame>((resolve) => {
        socket.on('message', (data: Buffer) => {
          const frame = JSON.parse(data.toString()) as Frame
          if (frame.type === 'hello') slack.refreshConnections()
          else resolve(frame)
        })
      })
      expect(await asked).toEqual({ type: 'disconnect', reason: 'refresh_requested' })
    })
  })
})
