import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type LoadedRunbooks, loadRunbooks } from '../../src/config/load-runbooks.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { registries } from './fakes.ts'

const RUNBOOK = `name: memory
title: Memory grows
match:
  title: '[Mm]emory'
checks:
  - check: memory
    with: { window: 6h }
  - check: cache
    id: models
    with: { model: all }
    timeout: 30s
hypotheses:
  - id: not_freed
    title: Not freed
    prior: 0.05
    evidence:
      growth: { deploy_step: 20, flat: 0.2 }
      cache: { too_many: 15 }
    says: ['Holds {memory.level} with {models.resident} models.']
    now: [Freeze deploys.]
remediations:
  - { kind: freeze, when: [not_freed], minimumConfidence: 0.7,
            fixes: [], with: { duration: 1h } }
verifyAfter: 3m
`

function load(text: string, services?: readonly string[]): LoadedRunbooks {
  return loadRunbooks([{ file: 'memory.yaml', text }], registries, services)
}

function problems(text: string, services?: readonly string[]): string {
  return load(text, services).problems.map(formatProblem).join('\n')
}

/** The runbook with one piece of it replaced; fails where the piece is not there. */
function changed(piece: string, by: string): string {
  if (!RUNBOOK.includes(piece)) throw new Error(`The runbook has no ${piece}`)
  return RUNBOOK.replace(piece, by)
}

it('names the file of a length that cannot be compared', () => {
  expect(problems('name: memory\nchecks: { length: { toString: 0 } }\n')).toMatch(/^memory\.yaml:1:1 .*`length`/)
})

it('reads a runbook into the domain’s words', () => {
  expect(load(RUNBOOK)).toEqual({
    problems: [],
    runbooks: [
      {
        name: 'memory',
        title: 'Memory grows',
        file: 'memory.yaml',
        match: { services: [], title: '[Mm]emory', labels: {} },
        checks: [
          { id: 'memory', check: 'memory', parameters: { window: 21_600_000 }, timeoutMs: 10_000 },
          { id: 'models', check: 'cache', parameters: { model: 'all' }, timeoutMs: 30_000 },
        ],
        hypotheses: [
          {
            id: 'not_freed',
            title: 'Not freed',
            prior: 0.05,
            evidence: { growth: { deploy_step: 20, flat: 0.2 }, cache: { too_many: 15 } },
            says: ['Holds {memory.level} with {models.resident} models.'],
            now: ['Freeze deploys.'],
            fix: [],
          },
        ],
        remediations: [
          {
            kind: 'freeze',
            when: ['not_freed'],
            minimumConfidence: 0.7,
            fixes: [],
            parameters: { duration: 3_600_000 },
          },
        ],
        verifyAfterMs: 180_000,
        verifyAgainAfterMs: 1_800_000,
      },
    ],
  })
})

it('needs a name, a title and one check, and nothing else', () => {
  const { runbooks, problems: found } = load('name: a\ntitle: b\nchecks: [{ check: memory }]')
  expect(found).toEqual([])
  expect(runbooks[0]).toMatchObject({
    checks: [{ id: 'memory', parameters: { window: 21_600_000 } }],
    verifyAfterMs: 120_000,
    verifyAgainAfterMs: 1_800_000,
  })
})

describe('several runbooks', () => {
  it('do not take each other down', () => {
    const loaded = loadRunbooks(
      [
        { file: 'broken.yaml', text: 'a: [' },
        { file: 'good.yaml', text: RUNBOOK },
        { file: 'wrong.yaml', text: changed('check: cache', 'check: cahce').replace('name: memory', 'name: wrong') },
        { file: 'empty.yaml', text: '' },
      ],
      registries,
    )
    expect(loaded.runbooks.map((runbook) => runbook.file)).toEqual(['good.yaml'])
    expect([...new Set(loaded.problems.map((problem) => problem.file))]).toEqual([
      'broken.yaml',
      'empty.yaml',
      'wrong.yaml',
    ])
  })

  it('cannot share a name: the first stays, the second is told where the first is', () => {
    const loaded = loadRunbooks(
      [
        { file: 'a.yaml', text: RUNBOOK },
        { file: 'b.yaml', text: RUNBOOK },
      ],
      registries,
    )
    expect(loaded.runbooks.map((runbook) => runbook.file)).toEqual(['a.yaml'])
    expect(loaded.problems.map(formatProblem)).toEqual(['b.yaml:1:7  name: the runbook "memory" is already in a.yaml'])
  })
})

describe('a mistake', () => {
  it.each([
    ['name: memory', 'name: My Memory', '1:7  name: expected a name of lower-case letters'],
    ['title: Memory grows', 'titel: Memory grows', 'titel: is not a key that can stand here. Did you mean "title"?'],
    ["title: '[Mm]emory'", "title: '(a)\\1'", '4:10  match.title: is not a regular expression: '],
    ["title: '[Mm]emory'", "title: '('", 'match.title: is not a regular expression: '],
    ["title: '[Mm]emory'", "labels: { job: '[z-a]' }", 'match.labels.job: is not a regular expression'],
    [
      "title: '[Mm]emory'",
      'urgency: hihg',
      'match.urgency: expected one of high, low, got "hihg". Did you mean "high"?',
    ],
    [
      'check: cache',
      'check: cahce',
      '8:12  checks[1].check: expected one of memory, cache, got "cahce". Did you mean "cache"?',
    ],
    ['window: 6h', 'windw: 6h', '7:13  checks[0].with.windw: is not a key that can stand here. Did you mean "window"?'],
    ['window: 6h', 'window: six', 'checks[0].with.window: expected a duration such as 90s, 5m or 2h, got "six"'],
    ['window: 6h', "query: 'sum(x'", '7:26  checks[0].with.query: the PromQL expression ends too early'],
    ['model: all', '', 'checks[1].with.model: is missing; expected text'],
    ['id: models', 'id: memory', 'checks[1]: the id "memory" is already used in this runbook'],
    ['id: models', 'id: mo.dels', 'checks[1].id: expected an id of lower-case letters'],
    ['prior: 0.05', 'prior: 1', 'hypotheses[0].prior: expected a probability between 0 and 1, both left out, got 1'],
    ['prior: 0.05', 'prior: 0', 'hypotheses[0].prior: expected a probability between 0 and 1, both left out, got 0'],
    ['prior: 0.05', 'prior: .nan', 'hypotheses[0].prior: expected a number'],
    [
      'deploy_step: 20',
      'deploy_step: 0',
      '17:30  hypotheses[0].evidence.growth.deploy_step: expected a number above 0; below 1 speaks against it, got 0',
    ],
    ['deploy_step: 20', 'deploy_step: .inf', 'evidence.growth.deploy_step: expected a number'],
    [
      'deploy_step: 20',
      'deploy_steps: 20',
      '17:17  hypotheses[0].evidence.growth.deploy_steps: the signal "growth" never has the value "deploy_steps" (values: deploy_step, flat). Did you mean "deploy_step"?',
    ],
    [
      '      cache: {',
      '      cahce: {',
      '18:7  hypotheses[0].evidence.cahce: no check of this runbook emits the signal "cahce" (they emit: growth, level, cache). Did you mean "cache"?',
    ],
    [
      '{memory.level}',
      '{memory.levl}',
      '19:19  hypotheses[0].says[0]: the check "memory" states no fact "levl" (it states: level, limit). Did you mean "memory.level"?',
    ],
    [
      '{models.resident}',
      '{cache.resident}',
      '19:39  hypotheses[0].says[0]: this runbook has no check with the id "cache" (it has: memory, models). Did you mean "models.resident"?',
    ],
    [
      '{models.resident}',
      '{resident}',
      'says[0]: {resident} quotes no fact; write {check.fact}. Did you mean "models.resident"?',
    ],
    ['Freeze deploys.', "'Freeze {nothing.at} all'", 'now[0]: this runbook has no check with the id "nothing"'],
    [
      'when: [not_freed]',
      'when: [not_fred]',
      'remediations[0].when[0]: no hypothesis of this runbook is called "not_fred" (known: not_freed). Did you mean "not_freed"?',
    ],
    ['when: [not_freed]', 'when: []', 'remediations[0].when: expected the id of at least one hypothesis'],
    [
      'kind: freeze',
      'kind: freez',
      'remediations[0].kind: expected one of freeze, restart, got "freez". Did you mean "freeze"?',
    ],
    [
      'minimumConfidence: 0.7',
      'minimumConfidence: 0.99',
      'minimumConfidence: expected at most 0.97: no diagnosis is more confident, so it would never be offered, got 0.99',
    ],
    ['duration: 1h', 'duration: long', 'remediations[0].with.duration: expected a duration'],
    ['verifyAfter: 3m', 'verifyAfter: 3', 'verifyAfter: expected a duration such as 90s, 5m or 2h, got 3'],
    [
      '  - id: not_freed',
      '  - { id: not_freed, title: twice, prior: 0.5 }\n  - id: not_freed',
      'hypotheses[1].id: the id "not_freed" is already used',
    ],
  ])('%s → %s', (piece, by, complaint) => {
    const loaded = load(changed(piece, by))
    expect(loaded.problems.map(formatProblem).join('\n')).toContain(complaint)
    expect(loaded.runbooks).toEqual([])
  })

  it('of the check’s name is told once, and nothing is held against what that check may emit', () => {
    expect(load(changed('check: cache', 'check: cahce')).problems).toHaveLength(1)
  })

  it('in the services it is for is told where the catalogue is known', () => {
    const text = changed("title: '[Mm]emory'", 'services: [inferense]')
    expect(problems(text)).toBe('')
    expect(problems(text, ['inference'])).toBe(
      'memory.yaml:4:14  match.services[0]: no catalogued service is called "inferense" (known: inference). Did you mean "inference"?',
    )
  })
})

describe('whatever the text', () => {
  const SHIPPED = readFileSync('runbooks/model-serving-memory.yaml', 'utf8')
  const put = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(': ', '\n  ', '[', '}', '"', '- ', '{memory.', '&a ', '*a', '(', '.nan', '__proto__: 1'),
  )

  it.each([
    ['a runbook', RUNBOOK],
    ['the shipped runbook, for checks that are not there', SHIPPED],
  ])('damaging %s never throws', (_what, original) => {
    const damage = fc.record({ at: fc.nat(original.length), length: fc.nat(40), put })
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 4 }), (all) => {
        const text = all.reduce((so, one) => so.slice(0, one.at) + one.put + so.slice(one.at + one.length), original)
        const { runbooks, problems: found } = load(text, ['inference'])
        expect(runbooks.length === 1).toBe(found.length === 0)
      }),
      { numRuns: 150 },
    )
  })

  it('any text is a runbook or a problem', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(load(text).problems.length).toBeGreaterThan(0)
      }),
    )
  })

  it('any value in any place is a runbook or a problem', () => {
    const names = [
      'name',
      'title',
      'match',
      'checks',
      'hypotheses',
      'remediations',
      'check',
      'with',
      'id',
      'evidence',
      'says',
      'when',
      'labels',
      'kind',
      'growth',
    ]
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 1, '', 'memory', 'freeze', '{memory.level}', '{', '(', true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), tree), (value) => {
        const { runbooks, problems: found } = load(JSON.stringify(value))
        expect(runbooks.length === 1).toBe(found.length === 0)
      }),
      { numRuns: 250 },
    )
  })
})
