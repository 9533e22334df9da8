import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { registries } from '../../src/app/registries.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { loadRunbooks } from '../../src/config/load-runbooks.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { prometheus } from '../../src/datasources/prometheus/index.ts'
import { createScrub } from '../../src/ops/scrub.ts'
import { createCatalogue } from '../../src/pipeline/catalogue.ts'
import { inTime, offered, opened } from '../datasources/deps.ts'
import { aService } from '../slack/builders.ts'

/** Names that every object has, or that set what it inherits from. */
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'] as const

let server: Server | undefined
afterEach(() => {
  server?.close()
  if (Object.keys(Object.prototype).length > 0 || 'polluted' in {}) throw new Error('A prototype was polluted.')
})

async function answering(body: string): Promise<string> {
  const started = createServer((_req, res) => res.end(body))
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an address object.
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`
}

describe('names that every object has', () => {
  it.each(INHERITED)('as a key of incbot.yaml are a mistake that is told, wherever they stand: %s', (name) => {
    const texts = [
      `${name}: { polluted: true }\nslack: { fallbackChannel: C0FALLBACK }\nservices: {}\n`,
      `slack: { fallbackChannel: C0FALLBACK, ${name}: { polluted: true } }\nservices: {}\n`,
    ]
    for (const text of texts) {
      const loaded = loadConfig('incbot.yaml', text, registries)
      expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([expect.stringContaining(name)])
    }
  })

  it.each(INHERITED)('as the name of a service are a name or a mistake, and never nothing: %s', (name) => {
    const text = `slack: { fallbackChannel: C0FALLBACK }\nservices:\n  ${name}: { channel: C0INFER, pagerduty: [PABC123] }\n`
    const loaded = loadConfig('incbot.yaml', text, registries)
    const names = loaded.ok ? loaded.config.services.map((one) => one.name) : loaded.problems.map(formatProblem)
    expect(names).toEqual([expect.stringContaining(name)])
  })

  it.each(INHERITED)('in a runbook are read as text, or told: %s', (name) => {
    const text = `name: one
title: One
match: { labels: { ${name}: x } }
checks: [{ check: node-allocatable, ${name}: { polluted: true } }]
hypotheses: [{ id: h, title: H, prior: 0.5, evidence: { ${name}: { polluted: 2 } } }]
`
    const { runbooks, problems } = loadRunbooks([{ file: 'one.yaml', text }], registries, [])
    expect(runbooks).toEqual([])
    expect(problems.map(formatProblem).join('\n')).toContain(name)
  })

  it.each(INHERITED)('are no service of a catalogue without them: %s', (name) => {
    const catalogue = createCatalogue([aService()])
    expect([catalogue.byName(name), catalogue.byPagerDutyId(name)]).toEqual([undefined, undefined])
  })

  it('as labels of a series are labels or nothing', async () => {
    const labels = '{"__proto__":"polluted","constructor":"c","toString":"t","pod":"web-1"}'
    const result = `[{"metric":${labels},"value":[1,"7"]}]`
    const url = await answering(`{"status":"success","data":{"resultType":"vector","result":${result}}}`)
    const answer = await offered(opened(prometheus, { url }).metrics).instant('up', 0, inTime())
    expect(answer.value).toHaveLength(1)
    expect(answer.value[0]?.labels).toMatchObject({ constructor: 'c', pod: 'web-1' })
  })

  it('in a line of the log stay where they are', () => {
    const line = '{"token":"abc","__proto__":{"polluted":true},"x":{"constructor":{"prototype":{"polluted":true}}}}'
    expect(createScrub([]).line(line)).toBe(`${line.replace('"abc"', '"[secret]"')}\n`)
  })
})

describe('JSON without an end', () => {
  it('from Prometheus is a bad answer, however deep', async () => {
    const url = await answering(`{"status":"success","data":${'['.repeat(400_000)}${']'.repeat(400_000)}}`)
    const asked = offered(opened(prometheus, { url }).metrics).instant('up', 0, inTime())
    await expect(asked).rejects.toMatchObject({ kind: 'bad-answer' })
  })

  it('in a line of the log is written all the same, without the secret', () => {
    const deep = `{"token":"abcdefgh","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    expect(createScrub(['abcdefgh']).line(deep)).not.toContain('abcdefgh')
  })
})
