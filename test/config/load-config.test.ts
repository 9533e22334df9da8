import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { registries } from './fakes.ts'

const EXAMPLE = readFileSync('incbot.example.yaml', 'utf8')

function config(text: string): Config {
  const loaded = loadConfig('incbot.yaml', text, registries)
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.config
}

function problems(text: string): string[] {
  const loaded = loadConfig('incbot.yaml', text, registries)
  return loaded.ok ? [] : loaded.problems.map(formatProblem)
}

/** A catalogue with one service, and lines added to it or to the whole. */
function withService(service: string, extra = ''): string {
  return `slack: { fallbackChannel: C0FALLBACK }
clusters: { prod: {} }
dataSources:
  prom: { type: prometheus, url: http://prom:9090, tokenEnv: PROM_TOKEN }
  log: { type: deploy-log, path: /log }
  models: { type: http-json, url: http://models }
${extra}
services:
  inference:
${service
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`
}

describe('the example', () => {
  it('becomes the domain’s words', () => {
    const { services, secrets, ...rest } = config(EXAMPLE)
    expect(rest).toMatchObject({
      slack: { command: '/inc', fallbackChannel: 'C0FALLBACK', workspace: 'T0EXAMPLE' },
      pagerduty: { sweepEveryMs: 300_000 },
      clusters: [
        {
          name: 'prod',
          read: { context: 'incbot-read' },
          write: { context: 'incbot-write' },
          admission: { namespace: 'incbot' },
        },
      ],
      gate: { tokens: [{ name: 'ci', tokenEnv: 'INCBOT_GATE_TOKEN_CI' }] },
      admins: { users: ['U0ADMIN'], groups: [] },
    })
    expect(rest.dataSources[0]).toEqual({
      name: 'metrics',
      type: 'prometheus',
      settings: { url: 'http://prometheus.monitoring:9090', tokenEnv: 'PROMETHEUS_TOKEN', timeout: 10_000 },
    })
    expect(secrets).toEqual([
      { variable: 'PROMETHEUS_TOKEN', usedBy: 'dataSources.metrics.tokenEnv' },
      { variable: 'INCBOT_GATE_TOKEN_CI', usedBy: 'gate.tokens.ci.tokenEnv' },
    ])
    expect(services[0]).toMatchObject({
      name: 'inference',
      pagerdutyServiceIds: ['PSVC1'],
      memoryLimit: { from: 'workload' },
      modelCache: { source: 'models', path: '/debug/models' },
      mode: 'observe',
      freezeScope: 'model',
      units: 'decimal',
    })
  })

  it('is safe where it says nothing: observe, everything frozen, nobody approves', () => {
    expect(config(EXAMPLE).services[1]).toEqual({
      name: 'checkout',
      pagerdutyServiceIds: ['PSVC2'],
      workloads: [{ cluster: 'prod', namespace: 'shop', kind: 'Deployment', name: 'checkout' }],
      metrics: {
        source: 'metrics',
        selector: 'namespace="shop",pod=~"checkout-.+"',
        replicaLabel: 'pod',
        memory: 'container_memory_working_set_bytes{$selector,container!=""}',
      },
      memoryLimit: { from: 'workload' },
      deploys: { source: 'changes' },
      approvers: { users: [], groups: [] },
      mode: 'observe',
      freezeScope: 'all',
      units: 'binary',
    })
  })
})

it('asks for the memory of the container that the workload names, so that a sidecar does not count', () => {
  const text = withService(
    'workloads: [{ cluster: prod, namespace: ml, kind: DaemonSet, name: x, container: server }]\nmetrics: { source: prom, selector: a="b" }',
  )
  expect(config(text).services[0]?.metrics?.memory).toBe(
    'container_memory_working_set_bytes{$selector,container="server"}',
  )
})

it.each([
  ['memoryLimit: 32GB', { from: 'fixed', bytes: 32e9 }],
  ['memoryLimit: 512MiB', { from: 'fixed', bytes: 512 * 2 ** 20 }],
  ['metrics: { source: prom, selector: a="b", limit: "x{$selector}" }', { from: 'metrics' }],
  ['metrics: { source: prom, selector: a="b" }', { from: 'workload' }],
])('takes the limit of %s from %j', (service, limit) => {
  expect(config(withService(service)).services[0]?.memoryLimit).toEqual(limit)
})

it('takes the time zone of the people on call', () => {
  expect(config(withService('timeZone: Asia/Kolkata')).services[0]?.timeZone).toBe('Asia/Kolkata')
})

it('reads an anchor that several services share', () => {
  const text = withService('approvers: &us { users: [U0A1] }\nunits: GB').concat('  other:\n    approvers: *us\n')
  expect(config(text).services.map((service) => service.approvers.users)).toEqual([['U0A1'], ['U0A1']])
})

describe('a mistake in a service', () => {
  it.each([
    [
      'mode: atc',
      '10:11  services.inference.mode: expected one of observe, propose, act, got "atc". Did you mean "act"?',
    ],
    [
      'timeZone: Europe/Berln',
      '10:15  services.inference.timeZone: expected a time zone such as Europe/Berlin or America/New_York',
    ],
    ['mdoe: act', '10:5  services.inference.mdoe: is not a key that can stand here. Did you mean "mode"?'],
    ['mode: { a: 1 }', '10:5  services.inference.mode: expected one of observe, propose, act, got a mapping'],
    ['pagerduty: PSVC1', '10:16  services.inference.pagerduty: expected a list (- item), got "PSVC1"'],
    ['pagerduty: [PSVC1, PSVC1]', '10:24  services.inference.pagerduty[1]: "PSVC1" is already listed'],
    ['channel: "#ml"', '10:14  services.inference.channel: expected a Slack channel id such as C0123456789'],
    ['approvers: { users: [bob] }', 'services.inference.approvers.users[0]: expected a Slack member id'],
    ['approvers: { groups: ["@ml"] }', 'services.inference.approvers.groups[0]: expected a Slack user group id'],
    [
      'memoryLimit: 32Gi',
      'services.inference.memoryLimit: expected workload, metrics, or a size such as 32GB or 32GiB, got "32Gi"',
    ],
    [
      'memoryLimit: metrics',
      'services.inference.memoryLimit: metrics needs metrics.limit, a PromQL expression, which is missing',
    ],
    [
      'memoryLimit: workload',
      'services.inference.memoryLimit: workload needs an entry in workloads, and there is none',
    ],
    ['units: gb', 'services.inference.units: expected one of GB, GiB, got "gb". Did you mean "GB"?'],
    [
      'workloads: [{ cluster: prd, namespace: ml, kind: DaemonSet, name: x }]',
      '10:28  services.inference.workloads[0].cluster: no entry of clusters is called "prd" (known: prod). Did you mean "prod"?',
    ],
    [
      'workloads: [{ cluster: prod, namespace: ml, kind: Pod, name: x }]',
      'workloads[0].kind: expected one of Deployment, StatefulSet, DaemonSet, got "Pod"',
    ],
    [
      'workloads: [{ cluster: prod, namespace: ml, kind: DaemonSet }]',
      '10:17  services.inference.workloads[0].name: is missing; expected text',
    ],
    [
      'metrics: { source: prmo, selector: a="b" }',
      'services.inference.metrics.source: no data source is called "prmo" (known: prom, log, models). Did you mean "prom"?',
    ],
    [
      'metrics: { source: log, selector: a="b" }',
      'metrics.source: the data source "log" is of type deploy-log, which cannot answer PromQL. Those that can: prom.',
    ],
    [
      'modelCache: { source: prom, path: /x }',
      'modelCache.source: the data source "prom" is of type prometheus, which cannot read JSON documents. Those that can: models.',
    ],
    ['modelCache: { source: models, path: x }', 'modelCache.path: expected a path that begins with /, got "x"'],
    ['deploys: { source: prom }', 'deploys.source: the data source "prom" answers PromQL, so counter is needed'],
    ['deploys: { source: log, counter: x }', 'deploys.counter: is not used: "log" does not answer PromQL'],
    [
      'deploys: { source: models }',
      'deploys.source: the data source "models" is of type http-json, which cannot know deploys. Those that can: prom, log.',
    ],
    ['deploys: { source: nowhere }', 'deploys.source: no data source is called "nowhere"'],
    [
      "metrics: { source: prom, selector: 'a=b' }",
      '10:43  services.inference.metrics.selector: is not a list of label matchers',
    ],
    [
      'metrics: { source: prom, selector: a="b", memory: "max(x{$selector}" }',
      '10:72  services.inference.metrics.memory: the PromQL expression ends too early',
    ],
    [
      'metrics:\n  source: prom\n  selector: a="b"\n  requests: >\n    sum(\n      x{$selector}\n    ) by by (pod)',
      '16:14  services.inference.metrics.requests: is not PromQL from "by" on',
    ],
  ])('%s', (service, complaint) => {
    expect(problems(withService(service)).join('\n')).toContain(complaint)
  })
})

describe('a mistake elsewhere', () => {
  it.each([
    ['slak: {}', 'incbot.yaml:7:1  slak: is not a key that can stand here. Did you mean "slack"?'],
    [
      'pagerduty: { sweepEvery: 5 minutes }',
      'pagerduty.sweepEvery: expected a duration such as 90s, 5m or 2h, got "5 minutes"',
    ],
    [
      'gate: { tokens: { ci: { tokenEnv: xoxb-hunter2 } } }',
      'gate.tokens.ci.tokenEnv: expected the NAME of an environment variable',
    ],
    [
      'gate: { tokens: { ci: { token: hunter2 } } }',
      'gate.tokens.ci.token: is not a key that can stand here. Known here: tokenEnv.',
    ],
    ['gate: { tokens: { CI: { tokenEnv: X } } }', '7:19  gate.tokens.CI: expected a name of lower-case letters'],
    ['admins: [U1]', 'admins: expected a mapping (key: value), got a list'],
    ['__proto__: { x: 1 }', '7:1  is not valid YAML: __proto__ cannot be used as a key'],
  ])('%s', (extra, complaint) => {
    const found = problems(withService('mode: observe', extra)).join('\n')
    expect(found).toContain(complaint)
    expect(found).not.toContain('hunter2')
  })

  it.each([
    ['{ namespace: incbot }', '2:21  clusters.prod.admission: needs clusters.prod.write'],
    ['{ namespace: Incbot }', 'clusters.prod.admission.namespace: expected the name of a Kubernetes object'],
    ['true', 'clusters.prod.admission: expected a mapping (key: value), got true'],
    ['{ namespace: incbot, policy: x }', 'clusters.prod.admission.policy: is not a key that can stand here'],
  ])('in the admission of a cluster: %s', (admission, complaint) => {
    const text = withService('mode: observe').replace('prod: {}', `prod: { admission: ${admission} }`)
    expect(problems(text).join('\n')).toContain(complaint)
  })

  it.each([
    [
      '{ type: promethius, url: http://x }',
      'dataSources.prom.type: expected one of prometheus, http-json, pagerduty-changes, deploy-log, got "promethius". Did you mean "prometheus"?',
    ],
    ['{ url: http://x }', 'dataSources.prom.type: is missing; expected one of prometheus'],
    ['{ type: prometheus, url: "no url" }', 'dataSources.prom.url: expected a valid URL, got "no url"'],
    [
      '{ type: prometheus, url: http://x, timout: 3s }',
      'dataSources.prom.timout: is not a key that can stand here. Did you mean "timeout"?',
    ],
    [
      '{ type: prometheus, url: http://x, tokenEnv: hunter2 }',
      'dataSources.prom.tokenEnv: expected the NAME of an environment variable such as PROMETHEUS_TOKEN, never the token itself',
    ],
    ['{ type: prometheus, url: "http://u:hunter2@x y" }', 'got "http://…@x y"'],
    ['prometheus', 'dataSources.prom: expected a mapping (key: value), got "prometheus"'],
  ])('in a data source: %s', (source, complaint) => {
    const found = problems(withService('mode: observe').replace(/prom: \{.*\}/, `prom: ${source}`)).join('\n')
    expect(found).toContain(complaint)
    expect(found).not.toContain('hunter2')
  })

  it.each([
    ['', 'incbot.yaml:1:1  expected a mapping (key: value), got nothing'],
    ['- a', 'incbot.yaml:1:1  expected a mapping (key: value), got a list'],
    ['slack: {}\nservices: {}', 'slack.fallbackChannel: is missing; expected text'],
    ['slack: { fallbackChannel: C0A1 }', 'services: is missing; expected a mapping'],
    ['a: b: c', 'is not valid YAML'],
  ])('the file %j', (text, complaint) => {
    expect(problems(text).join('\n')).toContain(complaint)
  })

  it('a PagerDuty service that two services claim', () => {
    const text = withService('pagerduty: [PSVC1]').concat('  other:\n    pagerduty: [PSVC1]\n')
    expect(problems(text)).toEqual([
      'incbot.yaml:12:17  services.other.pagerduty[0]: "PSVC1" already belongs to the service "inference"',
    ])
  })

  it('all of them at once, from top to bottom', () => {
    const text = withService('mode: atc\nmetrics: { source: nowhere, selector: "a=b" }', 'slak: {}')
    expect(problems(text).map((line) => line.split('  ')[0])).toEqual([
      'incbot.yaml:7:1',
      'incbot.yaml:10:11',
      'incbot.yaml:11:24',
      'incbot.yaml:11:46',
    ])
  })
})

describe('whatever the text', () => {
  it('never throws on a damaged example, and points into it', () => {
    const damage = fc.record({
      at: fc.nat(EXAMPLE.length),
      length: fc.nat(40),
      put: fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.constantFrom(': ', '\n  ', '[', '}', '"', '- ', '&a ', '*a', 'null', '1', '__proto__: 1'),
      ),
    })
    fc.assert(
      fc.property(damage, damage, (first, second) => {
        let text = EXAMPLE
        for (const { at, length, put } of [first, second]) text = text.slice(0, at) + put + text.slice(at + length)
        const loaded = loadConfig('incbot.yaml', text, registries)
        const lines = text.split('\n').length
        const places = loaded.ok ? [] : loaded.problems
        expect(places.length > 0).toBe(!loaded.ok)
        expect(places.filter(({ line, column }) => line < 1 || line > lines || column < 1)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('never throws on any value in any place', () => {
    const places = ['slack', 'pagerduty', 'clusters', 'dataSources', 'services', 'gate', 'admins']
    const inner = [
      'inference',
      'metrics',
      'workloads',
      'deploys',
      'memory',
      'selector',
      'source',
      'type',
      'pagerduty',
      'memoryLimit',
      'tokens',
      'tokenEnv',
    ]
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 1, '', 'prometheus', 'metrics', '32GB', '$selector{', true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...inner), tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...places), tree), (value) => {
        const loaded = loadConfig('incbot.yaml', JSON.stringify(value), registries)
        expect(loaded.ok || loaded.problems.length > 0).toBe(true)
      }),
      { numRuns: 250 },
    )
  })
})
