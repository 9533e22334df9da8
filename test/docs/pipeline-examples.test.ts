import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { run } from '../../src/cli/index.ts'
import { aFreeze } from '../contract/records.ts'
import { anExemption } from '../freeze/builders.ts'
import { aGateServer, TOKEN } from '../freeze/gate-server.ts'

const job = z.object({ script: z.array(z.string()), needs: z.array(z.string()).optional() })
const step = z.object({ run: z.string().optional(), env: z.record(z.string(), z.string()).optional() })
const github = z.object({ jobs: z.object({ deploy: z.object({ steps: z.array(step) }) }) })
const gitlab = z.object({ gate: job, deploy: job })
const argoCd = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()) }),
  spec: z.object({
    backoffLimit: z.literal(0),
    template: z.object({
      spec: z.object({
        restartPolicy: z.literal('Never'),
        containers: z.tuple([z.object({ image: z.string(), args: z.array(z.string()) })]),
      }),
    }),
  }),
})

function example(name: string): unknown {
  const document = parseDocument(readFileSync(`docs/examples/${name}`, 'utf8'), { strict: true })
  expect([...document.errors, ...document.warnings]).toEqual([])
  return document.toJS()
}

/** What the shell would hand to incbot: the words from `gate` on, with the pipeline's variables in place. */
function wordsOf(command: string, variables: Readonly<Record<string, string>>): readonly string[] {
  const [, , rest = ''] = command.split(/(^|\s)(?=gate )/)
  return rest
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll('"', '').replace(/\$(\w+)/g, (_all, name: string) => variables[name] ?? `?${name}`))
}

const GITHUB = github.parse(example('gate-github-actions.yml')).jobs.deploy.steps
const GITLAB = gitlab.parse(example('gate-gitlab-ci.yml'))
const ARGO_CD = argoCd.parse(example('gate-argo-cd-presync.yaml'))
const asking = GITHUB.findIndex((one) => one.run?.includes('gate '))

const CALLS: readonly (readonly [string, (hotfix: string) => readonly string[]])[] = [
  ['GitHub Actions', (hotfix) => wordsOf(GITHUB[asking]?.run ?? '', { GITHUB_SHA: 'abc123', HOTFIX: hotfix })],
  ['GitLab CI', (hotfix) => wordsOf(GITLAB.gate.script[0] ?? '', { CI_COMMIT_SHA: 'abc123', HOTFIX: hotfix })],
]

describe('the examples for pipelines', () => {
  let gate: Awaited<ReturnType<typeof aGateServer>>
  beforeEach(async () => {
    gate = await aGateServer()
    jest.spyOn(process.stdout, 'write').mockReturnValue(true)
    jest.spyOn(process.stderr, 'write').mockReturnValue(true)
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    await gate.server.stop(0)
  })
  const incbot = (words: readonly string[]) =>
    run(['node', 'incbot', ...words], { INCBOT_URL: gate.url, INCBOT_GATE_TOKEN: TOKEN })

  it.each(CALLS)('%s asks incbot about its commit, and lets a hot fix through', async (_name, call) => {
    expect(await incbot(call('none'))).toBe(0)
    await gate.store.addFreeze(
      aFreeze({ service: 'checkout', scope: 'workload', exemptions: [anExemption('label', 'hotfix=INC-4892')] }),
    )
    expect(await incbot(call('none'))).toBe(1)
    expect(await incbot(call('INC-4892'))).toBe(0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(gate.blocked).toEqual([['freeze-1', { at: expect.any(Number), holder: 'ci', deploy: 'abc123' }]])
  })

  it('Argo CD asks before each sync, once', async () => {
    const { args } = ARGO_CD.spec.template.spec.containers[0]
    expect(ARGO_CD.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/hook': 'PreSync' })
    expect(await incbot(args)).toBe(0)
    await gate.store.addFreeze(aFreeze({ service: 'checkout', scope: 'workload' }))
    expect(await incbot(args)).toBe(1)
  })

  it('ask before they deploy', () => {
    const deploying = GITHUB.findIndex((one) => one.run?.includes('deploy.sh'))
    expect(asking).toBeGreaterThanOrEqual(0)
    expect(deploying).toBeGreaterThan(asking)
    expect(GITLAB.deploy.needs).toEqual(['gate'])
  })

  it('put nothing that somebody typed into a script', () => {
    const scripts = [...GITHUB.map((one) => one.run ?? ''), ...GITLAB.gate.script, ...GITLAB.deploy.script]
    expect(scripts.filter((text) => text.includes('${{'))).toEqual([])
  })

  it('give their token by the environment, where incbot looks for it', () => {
    expect(Object.keys(GITHUB[asking]?.env ?? {})).toEqual(expect.arrayContaining(['INCBOT_URL', 'INCBOT_GATE_TOKEN']))
    expect(GITHUB[asking]?.run).toContain('--env INCBOT_URL --env INCBOT_GATE_TOKEN ')
  })
})
