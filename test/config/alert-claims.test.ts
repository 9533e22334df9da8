import { describe, expect, it } from '@jest/globals'
import { loadConfig } from '../../src/config/load-config.ts'
import { formatProblem } from '../../src/config/problem.ts'

function load(services: string, extra = '') {
  const text = `slack: { fallbackChannel: C0FALLBACK }\n${extra}\nservices:\n${services}\n`
  return loadConfig('incbot.yaml', text, { dataSources: [], remediations: [] })
}

function problems(services: string, extra = ''): string {
  const loaded = load(services, extra)
  return loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n')
}

const two = (left: string, right: string) =>
  problems(`  a: { memoryLimit: 1GB, alerts: [${left}] }\n  b: { memoryLimit: 1GB, alerts: [${right}] }`)

describe('two services may claim alerts', () => {
  it.each([
    ['by different values of one label', '{ app: a, namespace: x }', '{ app: b }'],
    ['when one asks for everything that the other does and more', '{ namespace: x }', '{ namespace: x, app: b }'],
  ])('%s', (_how, left, right) => {
    expect(two(left, right)).toBe('')
  })

  it.each([
    ['by the same labels', '{ app: a }', '{ app: a }'],
    ['by labels that one alert can have together', '{ namespace: x }', '{ app: b }'],
    ['by more labels, but not all of the other', '{ namespace: x }', '{ app: b, team: c }'],
    ['among several', '{ app: b }, { namespace: x }', '{ namespace: y }, { namespace: x }'],
  ])('but not %s', (_how, left, right) => {
    expect(two(left, right)).toMatch(
      /^incbot\.yaml:5:\d+ {2}services\.b\.alerts\[\d\]: an alert can have these labels and those of services\.a\.alerts\[\d\], and would belong to both/,
    )
  })

  it('and one service may claim them in several ways', () => {
    expect(problems('  a: { memoryLimit: 1GB, alerts: [{ app: a }, { namespace: x }] }')).toBe('')
  })
})

describe('alerts and grouping in incbot.yaml', () => {
  it('have defaults', () => {
    const loaded = load('  a: { memoryLimit: 1GB }')
    expect(loaded.ok && loaded.config).toMatchObject({
      alertmanager: { serviceLabel: 'service', severityLabel: 'severity', highSeverities: ['critical', 'page'] },
      grouping: { withinMs: 600_000 },
    })
  })

  it.each([
    ['grouping: { within: 2m }', 120_000],
    ['grouping: { within: off }', 0],
    ['grouping: { within: 24h }', 86_400_000],
  ])('%s', (extra, withinMs) => {
    const loaded = load('  a: { memoryLimit: 1GB }', extra)
    expect(loaded.ok && loaded.config.grouping.withinMs).toBe(withinMs)
  })

  it.each([
    ['grouping: { within: 25h }', 'grouping.within: expected off or at most 24h'],
    ['grouping: { within: 10 minutes }', 'grouping.within: expected '],
    ['grouping: { window: 5m }', 'grouping.window: is not a key that can stand here'],
    ['alertmanager: { serviceLabel: a-b }', 'alertmanager.serviceLabel: expected the name of a label such as pod'],
    ['alertmanager: { tokens: [hunter2] }', 'alertmanager.tokens: is not a key that can stand here'],
  ])('%s is refused', (extra, complaint) => {
    expect(problems('  a: { memoryLimit: 1GB }', extra)).toContain(complaint)
  })

  it.each([
    ['{}', 'services.a.alerts[0]: expected at least one label and its value'],
    ['{ a-b: x }', 'services.a.alerts[0].a-b: '],
    ['{ app: 7 }', 'services.a.alerts[0].app: expected '],
    ['[app]', 'services.a.alerts[0]: expected a mapping (key: value), got a list'],
  ])('the claim %s is refused', (claim, complaint) => {
    expect(problems(`  a: { memoryLimit: 1GB, alerts: [${claim}] }`)).toContain(complaint)
  })
})
