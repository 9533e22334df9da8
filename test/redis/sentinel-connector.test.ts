import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { openRedisClients, type RedisClient, type RedisClients } from '../../src/redis/clients.ts'
import { until } from '../fakes/world.ts'

/** How long the Sentinel thinks about who the master is. */
const THINKS_MS = 150
const LONGEST_MS = 5_000

let servers: Server[]
let sockets: Socket[]
let masterSockets: Socket[]
let subscribed: Socket[]
let questions: number
let clients: RedisClients
let client: RedisClient

beforeEach(async () => {
  servers = []
  sockets = []
  masterSockets = []
  subscribed = []
  questions = 0
  const master = await serve((socket) => {
    masterSockets.push(socket)
    return ([name]) => (name === 'info' ? bulk('role:master\r\n') : '+OK\r\n')
  })
  const sentinel = await serve((socket) => ([name, verb]) => {
    if (name === 'subscribe') {
      subscribed.push(socket)
      return list(bulk('subscribe'), bulk('+switch-master'), ':1\r\n')
    }
    if (name !== 'sentinel') return '+OK\r\n'
    if (verb === 'sentinels') return '*0\r\n'
    questions += 1
    return sleep(THINKS_MS, list(bulk('127.0.0.1'), bulk(String(master))))
  })
  clients = openRedisClients(
    {
      address: { kind: 'sentinel', sentinels: [{ host: '127.0.0.1', port: sentinel }], master: 'm', db: 0, tls: false },
    },
    () => undefined,
  )
  client = clients.client('commands')
  await ready()
})

afterEach(() => {
  clients.close()
  for (const server of servers) server.close()
  for (const socket of sockets) socket.destroy()
})

it('finds the master again when the switch is announced while it is being looked for', async () => {
  await until('the client listens for news', () => subscribed.length === 1, LONGEST_MS)
  const asked = questions
  masterSockets.at(-1)?.destroy()
  await until('the client looks for the master', () => questions > asked, LONGEST_MS)
  subscribed.at(-1)?.write(list(bulk('message'), bulk('+switch-master'), bulk('m 127.0.0.1 1 127.0.0.1 2')))
  await ready()
  expect(await client.call('GET', 'key')).toBe('OK')
})

it('leaves a master that is there when another is named', async () => {
  await until('the client listens for news', () => subscribed.length === 1, LONGEST_MS)
  const before = masterSockets.length
  subscribed.at(-1)?.write(list(bulk('message'), bulk('+switch-master'), bulk('m 127.0.0.1 1 127.0.0.1 2')))
  await until('the client connects anew', () => masterSockets.length > before, LONGEST_MS)
  await ready()
})

const ready = (): Promise<void> => until('the client is ready', () => client.status === 'ready', LONGEST_MS)

type Answering = (command: readonly string[]) => string | Promise<string>

/** A server that speaks enough of Redis' protocol: answers each command with what it is given as text. Returns its port. */
async function serve(connected: (socket: Socket) => Answering): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket)
    const answer = connected(socket)
    socket.on('error', () => undefined)
    let text = ''
    let answered: Promise<unknown> = Promise.resolve()
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      for (let command = next(); command !== undefined; command = next()) {
        const asked = command
        answered = answered.then(async () => socket.write(await answer(asked)))
      }
    })
    /** The next whole command, its name and verb in small letters. */
    function next(): readonly string[] | undefined {
      const head = /^\*(\d+)\r\n/.exec(text)
      if (head === null) return undefined
      const words = new RegExp(`^\\*\\d+\\r\\n(?:\\$\\d+\\r\\n[^\\r]*\\r\\n){${head[1]}}`).exec(text)
      if (words === null) return undefined
      text = text.slice(words[0].length)
      return [...words[0].matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map(([, word = '']) => word.toLowerCase())
    }
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server that is listening has an address object.
  return (server.address() as AddressInfo).port
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`
const list = (...items: readonly string[]): string => `*${items.length}\r\n${items.join('')}`
