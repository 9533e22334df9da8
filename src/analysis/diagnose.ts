import type { ByteUnits } from '../domain/chart.ts'
import type { Diagnosis, RankedHypothesis } from '../domain/diagnosis.ts'
import type { Fact, Finding } from '../domain/finding.ts'
import { formatFact } from '../domain/finding.ts'
import type { HypothesisSpec, Runbook } from '../domain/runbook.ts'
import type { Occasion } from './contradictions.ts'
import { contradictions } from './contradictions.ts'
import { rank } from './ranking.ts'

/** Below this nothing is said to be the cause. */
const LEADS_FROM = 0.5
/** At or below this an explanation counts as ruled out. */
const RULED_OUT_AT = 0.1

/** What the findings mean together, in the runbook's words with this incident's numbers. */
export function diagnose(
  runbook: Runbook,
  findings: readonly Finding[],
  units: ByteUnits,
  occasion: Occasion,
): Diagnosis {
  const ranked = rank(runbook.hypotheses, findings)
  const facts = factsById(findings)
  const fill = (sentences: readonly string[]) => sentences.flatMap((sentence) => fillIn(sentence, facts, units) ?? [])
  const [first] = ranked
  const leading = first !== undefined && first.confidence >= LEADS_FROM ? first : undefined
  const spec = runbook.hypotheses.find((one) => one.id === leading?.id)
  const answered = findings.filter((one) => one.verdict !== 'unknown')
  return {
    ...(leading && { leading }),
    conclusion: conclusion(leading, findings),
    says: spec ? fill(spec.says) : answered.map((one) => one.headline),
    ranked,
    ruledOut: fill(ruledOut(runbook.hypotheses, ranked, leading)),
    unknown: findings.filter((one) => one.verdict === 'unknown').map((one) => `${one.title}: ${one.headline}`),
    contradictions: contradictions(findings, units, occasion),
    now: spec ? fill(spec.now) : [],
    fix: spec ? fill(spec.fix) : [],
    answered: answered.length,
    asked: findings.length,
  }
}

function conclusion(leading: RankedHypothesis | undefined, findings: readonly Finding[]): string {
  if (leading !== undefined) return leading.title
  const problems = findings.filter((one) => one.verdict === 'problem').length
  if (problems > 0) return `No explanation stands out; ${problems} of ${findings.length} checks found a problem`
  if (findings.every((one) => one.verdict === 'unknown')) return 'Nothing could be found out: no check got an answer'
  return 'No check found a problem'
}

/** An explanation is called ruled out only where evidence spoke against it, never because nobody asked. */
function ruledOut(
  hypotheses: readonly HypothesisSpec[],
  ranked: readonly RankedHypothesis[],
  leading: RankedHypothesis | undefined,
): readonly string[] {
  return ranked
    .filter(
      (one) =>
        one.id !== leading?.id && one.confidence <= RULED_OUT_AT && one.weights.some((weight) => weight.ratio < 1),
    )
    .flatMap((one) => hypotheses.find((spec) => spec.id === one.id)?.ruledOut ?? [])
}

function factsById(findings: readonly Finding[]): ReadonlyMap<string, Fact> {
  return new Map(
    findings.flatMap((finding) => finding.facts.map((fact): [string, Fact] => [`${finding.id}.${fact.id}`, fact])),
  )
}

/**
 * The sentence with its `{check.fact}` filled in; undefined when a fact is not known, because half a sentence misleads. A clause in square
 * brackets is left out by itself: "47 deploys[ since {memory-trend.lastRestart}]".
 */
function fillIn(sentence: string, facts: ReadonlyMap<string, Fact>, units: ByteUnits): string | undefined {
  const clauses = sentence.replace(
    /\[([^[\]]*\{[^[\]]*)\]/g,
    (_whole, clause: string) => quote(clause, facts, units) ?? '',
  )
  return quote(clauses, facts, units)
}

function quote(text: string, facts: ReadonlyMap<string, Fact>, units: ByteUnits): string | undefined {
  let known = true
  const quoted = text.replace(/\{([\w-]+\.[\w-]+)\}/g, (_whole, id: string) => {
    const fact = facts.get(id)
    if (fact === undefined) known = false
    return fact === undefined ? '' : formatFact(fact, units)
  })
  return known ? quoted : undefined
}
