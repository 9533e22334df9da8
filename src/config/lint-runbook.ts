import type { Check, Signals } from '../checks/check.ts'
import { signalsOf } from '../checks/check.ts'
import { guess } from './did-you-mean.ts'
import { unknownReference, valueProblem } from './issues.ts'
import { patternProblem } from './pattern.ts'
import type { Path, Problem } from './problem.ts'
import { promqlProblems } from './promql-problems.ts'
import { entries, field, items, text } from './raw.ts'
import type { Registries } from './registries.ts'
import type { YamlDocument } from './yaml-document.ts'

/** A check of the runbook by its id there; `check` is absent where incbot knows none of that name. */
interface Used {
  readonly id: string
  readonly index: number
  readonly check: Check | undefined
  /** What it can emit; undefined where that cannot be told, because the check or its parameters are wrong. */
  readonly signals: Signals | undefined
}

/** What a schema cannot see: references between the parts of a runbook, and what its checks can tell at all. */
export function lintRunbook(
  document: YamlDocument,
  registries: Pick<Registries, 'checks' | 'remediations'>,
  services: readonly string[] | undefined,
): Problem[] {
  const used = usedChecks(document, registries)
  return [
    ...matchProblems(document, services),
    ...duplicates(
      document,
      used.map(({ id, index }) => [id, ['checks', index]]),
    ),
    ...duplicates(document, hypothesisIds(document)),
    ...used.flatMap(({ check, index }) =>
      check === undefined ? [] : promqlProblems(document, check.parameters, ['checks', index, 'with']),
    ),
    ...items(field(document.value, 'hypotheses')).flatMap(([index, hypothesis]) => [
      ...evidenceProblems(document, used, ['hypotheses', index, 'evidence'], field(hypothesis, 'evidence')),
      ...sentencesOf(hypothesis).flatMap(([path, sentence]) =>
        quoteProblems(document, used, ['hypotheses', index, ...path], sentence),
      ),
    ]),
    ...remediationProblems(document, registries),
  ]
}

function usedChecks(document: YamlDocument, registries: Pick<Registries, 'checks'>): Used[] {
  return items(field(document.value, 'checks')).flatMap(([index, entry]) => {
    const name = text(field(entry, 'check'))
    const id = text(field(entry, 'id')) ?? name
    const check = registries.checks.find((one) => one.name === name)
    const signals = check && signalsOf(check, field(entry, 'with') ?? {})
    return id === undefined ? [] : [{ id, index, check, signals }]
  })
}

function matchProblems(document: YamlDocument, services: readonly string[] | undefined): Problem[] {
  const match = field(document.value, 'match')
  const expressions: [Path, unknown][] = [
    [['match', 'title'], field(match, 'title')],
    ...entries(field(match, 'labels')).map(([label, value]): [Path, unknown] => [['match', 'labels', label], value]),
  ]
  const regexes = expressions.flatMap(([path, expression]) => {
    const reason = typeof expression === 'string' ? patternProblem(expression) : undefined
    return reason === undefined ? [] : [valueProblem(document, path, reason)]
  })
  const unknown = items(field(match, 'services')).flatMap(([index, name]) =>
    services === undefined || typeof name !== 'string' || services.includes(name)
      ? []
      : [unknownReference(document, ['match', 'services', index], name, 'catalogued service', services)],
  )
  return [...regexes, ...unknown]
}

function hypothesisIds(document: YamlDocument): [string, Path][] {
  return items(field(document.value, 'hypotheses')).flatMap(([index, one]) => {
    const id = text(field(one, 'id'))
    return id === undefined ? [] : [[id, ['hypotheses', index, 'id']]]
  })
}

function duplicates(document: YamlDocument, named: readonly [string, Path][]): Problem[] {
  const seen = new Set<string>()
  return named.flatMap(([id, path]) => {
    const isNew = !seen.has(id)
    seen.add(id)
    return isNew
      ? []
      : [valueProblem(document, path, `the id "${id}" is already used in this runbook; give this one another id`)]
  })
}

/** Values that no check here can emit would never move the hypothesis, and nobody would notice. */
function evidenceProblems(document: YamlDocument, used: readonly Used[], path: Path, evidence: unknown): Problem[] {
  // A check that is not known may emit anything; it is a problem of its own. So is one with wrong parameters.
  if (used.some((one) => one.signals === undefined)) return []
  const signals = new Map<string, string[]>()
  for (const one of used) {
    for (const [group, values] of Object.entries(one.signals ?? {})) {
      signals.set(group, [...(signals.get(group) ?? []), ...values])
    }
  }
  return entries(evidence).flatMap(([group, ratios]) => {
    const values = signals.get(group)
    if (values === undefined) {
      const message = `no check of this runbook emits the signal "${group}" (they emit: ${[...signals.keys()].join(', ')})`
      return [keyProblem(document, [...path, group], message, guess(group, signals.keys()))]
    }
    return entries(ratios).flatMap(([value]) =>
      values.includes(value)
        ? []
        : [
            keyProblem(
              document,
              [...path, group, value],
              `the signal "${group}" never has the value "${value}" (values: ${values.join(', ')})`,
              guess(value, values),
            ),
          ],
    )
  })
}

function sentencesOf(hypothesis: unknown): [Path, unknown][] {
  const lists = ['says', 'now', 'fix'].flatMap((key) =>
    items(field(hypothesis, key)).map(([index, sentence]): [Path, unknown] => [[key, index], sentence]),
  )
  return [...lists, [['ruledOut'], field(hypothesis, 'ruledOut')]]
}

/** `{check.fact}` in a sentence; anything else between braces would be shown to people as it stands. */
function quoteProblems(document: YamlDocument, used: readonly Used[], path: Path, sentence: unknown): Problem[] {
  if (typeof sentence !== 'string') return []
  return [...sentence.matchAll(/\{([^{}]*)\}/g)].flatMap((quote) => {
    const reference = quote[1] ?? ''
    const said = quoteProblem(used, reference)
    if (said === undefined) return []
    return [{ ...valueProblem(document, path, said.message), ...document.locateIn(path, quote.index), ...said.guess }]
  })
}

function quoteProblem(
  used: readonly Used[],
  reference: string,
): { readonly message: string; readonly guess: { readonly didYouMean?: string } } | undefined {
  const dot = reference.lastIndexOf('.')
  const id = reference.slice(0, Math.max(0, dot))
  const fact = reference.slice(dot + 1)
  const facts = used.flatMap((one) => (one.check?.facts ?? []).map((name) => `${one.id}.${name}`))
  const source = used.find((one) => one.id === id)
  if (dot < 0) return { message: `{${reference}} quotes no fact; write {check.fact}`, guess: guessByFact(fact, facts) }
  if (source === undefined) {
    const ids = used.map((one) => one.id)
    return {
      message: `this runbook has no check with the id "${id}" (it has: ${ids.join(', ')})`,
      guess: { ...guess(reference, facts), ...guessByFact(fact, facts) },
    }
  }
  if (source.check === undefined || source.check.facts.includes(fact)) return undefined
  return {
    message: `the check "${id}" states no fact "${fact}" (it states: ${source.check.facts.join(', ')})`,
    guess: guess(reference, facts),
  }
}

function guessByFact(fact: string, facts: readonly string[]): { readonly didYouMean?: string } {
  const didYouMean = facts.find((one) => one.endsWith(`.${fact}`))
  return didYouMean === undefined ? {} : { didYouMean }
}

function remediationProblems(document: YamlDocument, registries: Pick<Registries, 'remediations'>): Problem[] {
  const ids = hypothesisIds(document).map(([id]) => id)
  return items(field(document.value, 'remediations')).flatMap(([index, entry]) => {
    const kind = registries.remediations.find((one) => one.kind === field(entry, 'kind'))
    return [
      ...(kind === undefined ? [] : promqlProblems(document, kind.parameters, ['remediations', index, 'with'])),
      ...['when', 'fixes'].flatMap((key) =>
        items(field(entry, key)).flatMap(([position, id]) => {
          if (typeof id !== 'string' || ids.includes(id)) return []
          const where = ['remediations', index, key, position]
          return [unknownReference(document, where, id, 'hypothesis of this runbook', ids)]
        }),
      ),
    ]
  })
}

function keyProblem(
  document: YamlDocument,
  path: Path,
  message: string,
  extra: { readonly didYouMean?: string },
): Problem {
  return { ...valueProblem(document, path, message), ...document.locateKey(path), ...extra }
}
