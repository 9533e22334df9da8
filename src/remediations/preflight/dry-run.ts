import type { DryRun } from '../cluster.ts'
import type { Planning } from '../planning.ts'
import type { Question } from './ask.ts'
import { caution, impossible, passed } from './ask.ts'

/** The same request, which the API server judges and does not keep. */
export function dryRun(attempt: (planning: Planning) => Promise<DryRun>): Question {
  return {
    what: 'dry run',
    async look(planning) {
      const result = await attempt(planning)
      if (!result.ok)
        return impossible(
          `The API server would refuse it: ${result.text}`,
          'Look at what refused it: an admission policy, a webhook, a quota or the object itself.',
        )
      if (result.warnings.length > 0)
        return caution(`The API server would take it and warn: ${result.warnings.join('; ')}`)
      return passed('The API server would take it.')
    },
  }
}
