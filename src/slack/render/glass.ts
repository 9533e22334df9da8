import { brokenGlass } from '../../domain/broken-glass.ts'
import { formatTime } from '../../domain/finding.ts'
import type { BrokenGlass } from '../../domain/freeze.ts'
import type { Remediation } from '../../domain/remediation.ts'
import { type Content, content } from './message.ts'
import { mention, sentence, stopped } from './text.ts'

/** The loud lines on the card; empty where no glass was broken. */
export function glassLines(remediation: Remediation): readonly string[] {
  return brokenGlass(remediation).map(({ by, reason, overrode }) => {
    const over = overrode.map((one) => stopped(sentence(one))).join(' ')
    return `:rotating_light: *Glass broken* by ${mention(by)}: “${sentence(reason)}”. Overridden: ${over || 'nothing is recorded.'}`
  })
}

/** The post of its own: who, what for, why, and each thing that stood in the way. */
export function renderGlass({ by, at, what, reason, overrode }: BrokenGlass): Content {
  return content([
    `:rotating_light: *${mention(by)} broke the glass* at ${formatTime(at)}`,
    `For: ${stopped(sentence(what))}`,
    `Reason: “${sentence(reason)}”`,
    ['Overridden:', ...overrode.map((one) => `• ${sentence(one)}`)].join('\n'),
  ])
}
