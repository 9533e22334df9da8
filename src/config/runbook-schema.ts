import { z } from 'zod'
import { duration, line, name } from './fields.ts'
import type { Registries } from './registries.ts'

const sentences = z.array(line).max(20, { error: 'expected at most 20 sentences' }).default([])

const match = z.strictObject({
  services: z.array(name).default([]).describe('Names of catalogued services; any where empty.'),
  title: line.describe('Regular expression on the incident’s title.').exactOptional(),
  urgency: z.enum(['high', 'low']).exactOptional(),
  labels: z.record(line, line).default({}).describe('Alert label or detail: regular expression.'),
})

const ratio = z
  .number({ error: 'expected a number, such as 20 (speaks for it) or 0.2 (speaks against it)' })
  .positive({ error: 'expected a number above 0; below 1 speaks against it' })
  .max(1000, { error: 'expected at most 1000; nothing measured is that certain' })

const hypothesis = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, { error: 'expected an id of lower-case letters, digits and underscores' }),
  title: line,
  prior: z
    .number()
    .gt(0, { error: 'expected a probability between 0 and 1, both left out' })
    .lt(1, { error: 'expected a probability between 0 and 1, both left out' })
    .describe('How likely it is before anything was measured.'),
  evidence: z
    .record(line, z.record(line, ratio))
    .default({})
    .describe('Signal → value → how many times likelier that value is when the hypothesis is true.'),
  says: sentences.describe('What to say when it leads; {check.fact} quotes a fact.'),
  ruledOut: line.describe('What to say when it was ruled out.').exactOptional(),
  now: sentences.describe('What to do first.'),
  fix: sentences.describe('What to do afterwards.'),
})

/** Without dots: a quoted fact is `{id.fact}`. */
const checkId = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, {
  error: 'expected an id of lower-case letters, digits, dashes and underscores',
})

function check(registries: Pick<Registries, 'checks'>) {
  const [first, ...others] = registries.checks.map((one) =>
    z.strictObject({
      check: z.literal(one.name).describe(one.title),
      id: checkId.describe('Unique in this runbook; the name of the check where absent.').exactOptional(),
      with: one.parameters.prefault({}),
      timeout: duration().prefault('10s'),
    }),
  )
  return first === undefined ? z.never() : z.discriminatedUnion('check', [first, ...others])
}

function remediation(registries: Pick<Registries, 'remediations'>) {
  const [first, ...others] = registries.remediations.map((one) =>
    z.strictObject({
      kind: z.literal(one.kind).describe(one.title),
      when: z.array(z.string()).min(1, { error: 'expected the id of at least one hypothesis' }),
      minimumConfidence: z
        .number()
        .min(0, { error: 'expected a confidence between 0 and 0.97' })
        .max(0.97, { error: 'expected at most 0.97: no diagnosis is more confident, so it would never be offered' })
        .default(0.6),
      fixes: z
        .array(z.string())
        .default([])
        .describe('Hypotheses whose cause it removes; of all others it only relieves.'),
      with: one.parameters.prefault({}),
    }),
  )
  return first === undefined ? z.never() : z.discriminatedUnion('kind', [first, ...others])
}

/** A runbook as a person writes it; parameters are described by the checks and remediations themselves. */
export function runbookSchema(registries: Pick<Registries, 'checks' | 'remediations'>) {
  return z.strictObject({
    name,
    title: line,
    match: match.prefault({}),
    checks: z.array(check(registries)).min(1, { error: 'expected at least one check' }),
    hypotheses: z.array(hypothesis).default([]),
    remediations: z.array(remediation(registries)).default([]),
    verifyAfter: duration().prefault('2m').describe('How long after a remediation the same checks run again.'),
    verifyAgainAfter: duration().prefault('30m').describe('And when once more, to see whether it lasts.'),
  })
}

export type RunbookFile = z.output<ReturnType<typeof runbookSchema>>
