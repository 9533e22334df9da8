import { expect, it } from '@jest/globals'
import type { Check } from '../../src/checks/check.ts'
import { runRunbooks } from '../../src/pipeline/run-runbooks.ts'
import { aRunbook, aService } from '../builders.ts'
import { aLog } from '../fakes/log.ts'
import { PROBLEM } from '../fakes/world.ts'

function ports(asked: string[]) {
  const check = (name: string): Check => ({
    ...{ name, title: name, signals: {}, facts: [] },
    // The runner never parses: parameters were parsed when the runbook was loaded.
    parameters: undefined as never,
    run: async () => {
      asked.push(name)
      return name === 'memory-trend' ? PROBLEM : { ...PROBLEM, verdict: 'clear', signals: { load: 'flat' } }
    },
  })
  const none = () => {
    throw new Error('no check here asks anything')
  }
  return {
    now: () => 0,
    checks: new Map([check('memory-trend'), check('traffic')].map((one) => [one.name, one])),
    sources: () => ({ metrics: none, cluster: none, json: none, deploys: none }),
    log: aLog(),
    meter: { check() {} },
  }
}

const memory = aRunbook()
const traffic = aRunbook({
  name: 'traffic',
  checks: [...memory.checks, { id: 'traffic', check: 'traffic', parameters: {}, timeoutMs: 1_000 }],
  hypotheses: [
    { id: 'surge', title: 'A surge', prior: 0.1, evidence: { load: { flat: 0.1 } }, says: [], now: [], fix: [] },
  ],
})
const options = { alert: async () => [], signal: new AbortController().signal }

it('runs what several runbooks share once, and lets the surest explanation count', async () => {
  const asked: string[] = []
  const { runbook, findings, diagnosis } = await runRunbooks(ports(asked), aService(), [traffic, memory], options)
  expect(asked.sort()).toEqual(['memory-trend', 'traffic'])
  expect(runbook.name).toBe('memory')
  expect(findings.map((one) => one.id)).toEqual(['memory-trend'])
  expect(diagnosis.leading?.id).toBe('leak')
})

it('takes the one that found most problems where nothing explains anything', async () => {
  const silent = (name: string, checks: typeof memory.checks) => aRunbook({ name, checks, hypotheses: [] })
  const only = silent('traffic-only', traffic.checks.slice(1))
  const { runbook } = await runRunbooks(ports([]), aService(), [only, silent('memory-only', memory.checks)], options)
  expect(runbook.name).toBe('memory-only')
})
