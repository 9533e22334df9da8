import type { Step } from '../domain/steps.ts'

/** An investigation's id is its incident's, and what tells it from the others. */
export function belongsTo(activity: string, incidentId: string): boolean {
  return ['-', '~'].some((mark) => activity.startsWith(`investigate:${incidentId}${mark}`))
}

/** `execute` and `find-out` share a key: nobody may say "unknown" while the executor lives. */
export function activityKey(step: Step): string {
  switch (step.do) {
    case 'investigate':
      return `investigate:${step.investigation.id}`
    case 'execute':
    case 'find-out':
      return `execute:${step.remediation.id}`
    case 'follow':
    case 'halt':
      return `${step.do}:${step.remediation.id}`
  }
}

/** Nobody halts what another replica still follows: an eviction more after "stopped" would be a lie. */
export function leaseKey(step: Step): string {
  return step.do === 'halt' ? `follow:${step.remediation.id}` : activityKey(step)
}
