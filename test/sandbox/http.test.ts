import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, readBody, replyJson, type StandInServer } from '../../src/sandbox/http.ts'

describe('a stand-in server', () => {
  const running: StandInServer[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()))
  })
  const start = async (handler: Parameters<typeof listen>[0]): Promise<string> => {
    const server = await listen(handler)
    running.push(server)
    return server.url
  }

  it('replies JSON with its headers', async () => {
    const url = await start((_req, res) => replyJson(res, 201, { name: 'é' }, { 'retry-after': '3' }))
    const response = await fetch(url)
    expect(response.status).toBe(201)
    expect(response.headers.get('retry-after')).toBe('3')
    expect(await response.json()).toEqual({ name: 'é' })
  })

  it('answers 500 with the error text when a handler throws or rejects', async () => {
    const rejecting = await start(async () => {
      throw new Error('late trouble')
    })
    const throwing = await start(() => {
      throw new Error('early trouble')
    })
    const answers = await Promise.all([rejecting, throwing].map((url) => fetch(url)))
    expect(answers.map((answer) => answer.status)).toEqual([500, 500])
    expect(await answers[0]?.text()).toContain('late trouble')
    expect(await answers[1]?.text()).toContain('early trouble')
  })

  it('cuts the connection when a handler fails after its reply began', async () => {
    const url = await start((_req, res) => {
      res.writeHead(200, { 'content-length': 10 })
      res.write('half')
      throw new Error('too late')
    })
    const outcome = await fetch(url)
      .then((response) => response.text())
      .then(
        () => 'answered',
        () => 'cut',
      )
    expect(outcome).toBe('cut')
  })

  it('answers 413 beyond the limit and reads a body up to it', async () => {
    const url = await start(async (req, res) => replyJson(res, 200, { bytes: (await readBody(req, 1000)).length }))
    const fits = await fetch(url, { method: 'POST', body: 'x'.repeat(1000) })
    const tooLarge = await fetch(url, { method: 'POST', body: 'x'.repeat(1001) })
    expect(await fits.json()).toEqual({ bytes: 1000 })
    expect(tooLarge.status).toBe(413)
  })

  it('stops although a request hangs', async () => {
    const server = await listen(() => undefined)
    const outcome = fetch(server.url).then(
      () => 'answered',
      () => 'cut',
    )
    await new Promise((resolve) => server.server.once('request', resolve))
    await server.stop()
    expect(await outcome).toBe('cut')
  })
})
