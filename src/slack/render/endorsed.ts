import { formatTime } from '../../domain/finding.ts'
import { whoMay } from '../../domain/offers.ts'
import type { Remediation } from '../../domain/remediation.ts'
import type { Service } from '../../domain/service.ts'
import { type Content, content } from './message.ts'
import { mention, sentence } from './text.ts'
import { told } from './told.ts'

/** Somebody agreed, and more must: an edit of the card rings nobody's bell, so that the next one is asked for in a post. */
export function renderEndorsed(service: Service, remediation: Remediation): Content {
  const { endorsements = [], approvalsNeeded = 1, plan, expiresAt } = remediation
  const missing = approvalsNeeded - endorsements.length
  const by = endorsements.map((one) => mention(one.by)).join(', ')
  return content([
    `:raising_hand: *${sentence(plan.button)}*: ${endorsements.length} of ${approvalsNeeded} approved by ${by}. ${missing} more must agree before ${formatTime(expiresAt)}, on the card above. ${told(whoMay(service, remediation))}`,
  ])
}

/** Whether it waits for somebody else. */
export function waitsForAnother({ state, endorsements = [] }: Remediation): boolean {
  return state === 'proposed' && endorsements.length > 0
}
