import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

interface Said {
  readonly code: number
  readonly said: string
}

/** Runs `.ci/audit` against a registry that answers like this to the question for advisories. */
async function audit(status: number, advisories: object): Promise<Said & { readonly asked: readonly string[] }> {
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`)
    req.resume()
    // A package's own document, which says that the version in use is the only one.
    const isQuestion = req.url?.endsWith('/advisories/bulk') === true
    res.writeHead(isQuestion ? status : 404, { 'content-type': 'application/json' })
    res.end(JSON.stringify(isQuestion ? advisories : {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an address object.
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const env = { ...process.env, npm_config_registry: registry, npm_config_fetch_retries: '0' }
  try {
    const result = await new Promise<Said>((resolve) => {
      const child = execFile(join('.ci', 'audit'), { env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
      )
    })
    return { ...result, asked }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const advisory = (severity: string) => ({
  zod: [
    {
      id: 1,
      url: 'https://example.com/1',
      title: 'A hole',
      severity,
      vulnerable_versions: '*',
      cwe: [],
      cvss: { score: 9 },
    },
  ],
})

describe('.ci/audit', () => {
  it('is content where nothing is known', async () => {
    const { code, said, asked } = await audit(200, {})
    expect([code, said]).toEqual([0, expect.stringContaining('No high or critical vulnerability')])
    expect(asked).toContain('POST /-/npm/v1/security/advisories/bulk')
  }, 60_000)

  it('fails where something critical is known in what users get, and names it', async () => {
    const { code, said } = await audit(200, advisory('critical'))
    expect([code, said]).toEqual([1, expect.stringContaining('zod')])
  }, 60_000)

  it('does not call it good where nobody answers', async () => {
    const { code, said } = await audit(404, {})
    expect([code, said]).toEqual([2, expect.stringContaining('NOT CHECKED')])
  }, 60_000)
})
