import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterAccess } from '../../src/kubernetes/connect.ts'

export interface ScriptedApi {
  readonly access: ClusterAccess
  /** What to answer to whatever matches, until said otherwise; the newest goes first. */
  answer(match: RegExp, body: object, headers?: Readonly<Record<string, string>>, status?: number): void
  /** Bodies of what was sent, oldest first. */
  readonly sent: readonly unknown[]
  stop(): Promise<void>
}

/** An API server that says what it is told to: states that a working controller passes through too quickly, or never. */
export async function startScriptedApi(): Promise<ScriptedApi> {
  const script: { match: RegExp; body: object; headers: Readonly<Record<string, string>>; status: number }[] = []
  const sent: unknown[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      if (chunks.length > 0) sent.push(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      const found = script.find(({ match }) => match.test(`${req.method} ${req.url}`))
      const { status = 404, body = {}, headers = {} } = found ?? {}
      res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const { port } = server.address() as AddressInfo
  const folder = mkdtempSync(join(tmpdir(), 'incbot-scripted-'))
  const kubeconfig = join(folder, 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
  return {
    access: { cluster: 'prod', kubeconfig, timeoutMs: 2_000 },
    sent,
    answer: (match, body, headers = {}, status = 200) => void script.unshift({ match, body, headers, status }),
    async stop() {
      rmSync(folder, { recursive: true })
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
