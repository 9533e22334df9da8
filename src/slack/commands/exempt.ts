import type { Exemption } from '../../domain/freeze.ts'
import { labelProblem } from '../../domain/kubernetes-label.ts'
import { clean, escapeInline, shorten } from '../render/text.ts'
import { typedReason } from './reason.ts'
import { takeService } from './service-argument.ts'
import { type Subcommand, usage } from './subcommand.ts'

type Wanted = Pick<Exemption, 'kind' | 'value' | 'reason'>

/** Names of deploys are what pipelines say: a version, a tag, a commit. */
const LONGEST_NAME = 200

export const exempt: Subcommand = {
  name: 'exempt',
  takes: '<service> <label key=value | deploy NAME> <reason>',
  about: 'let one deploy through although the service is frozen, such as a hot fix',
  async run(given) {
    const { ports, by, channel, key } = given
    const taken = takeService(given, usage(ports, exempt))
    if ('answer' in taken) return taken.answer
    const wanted = readExemption(taken.rest)
    if ('problem' in wanted) return `${wanted.problem} ${usage(ports, exempt)}`
    const result = await ports.commands.exempt(taken.service, by, channel, wanted, key)
    if ('problem' in result) return escapeInline(result.problem)
    const what = `${wanted.kind} ${escapeInline(wanted.value)}`
    return `Asked to let ${what} of *${escapeInline(taken.service.name)}* through. The freeze’s card says when it may pass.`
  },
}

/** "label key=value reason" or "deploy NAME reason", as it was typed. */
export function readExemption(text: string): Wanted | { readonly problem: string } {
  const [, word = '', value = '', behind = ''] = /^(\S*)\s*(\S*)\s*(.*)$/s.exec(text) ?? []
  const kind = word.toLowerCase()
  if (kind !== 'label' && kind !== 'deploy')
    return { problem: 'What may pass? Say `label key=value` or `deploy NAME`, and why.' }
  const problem = kind === 'label' ? labelProblem(value) : nameProblem(value)
  if (problem !== undefined) return { problem: `“${escapeInline(shorten(value, 80))}” is no ${kind}: ${problem}.` }
  const reason = typedReason(behind)
  return reason === '' ? { problem: 'Why may it pass? An exemption needs a reason.' } : { kind, value, reason }
}

function nameProblem(value: string): string | undefined {
  if (value === '') return 'it needs the name that the pipeline gives it'
  if (value.length > LONGEST_NAME) return `a name has at most ${LONGEST_NAME} characters`
  return clean(value) === value ? undefined : 'it contains characters that cannot be seen'
}
