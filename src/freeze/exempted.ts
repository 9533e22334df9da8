import type { Exemption, Freeze } from '../domain/freeze.ts'
import type { Deploy } from './question.ts'

/** The exemption by which this freeze lets the deploy through; undefined where it does not. */
export function exemptionFor({ exemptions = [] }: Freeze, { name, labels }: Deploy): Exemption | undefined {
  return exemptions.find(({ kind, value }) => (kind === 'deploy' ? value === name : labels.includes(value)))
}
