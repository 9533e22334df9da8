import type { Service } from '../../domain/service.ts'
import { escapeInline, shorten } from '../render/text.ts'
import { nearest } from './nearest.ts'
import type { Given } from './subcommand.ts'

const LISTED = 15

/** The service that the first word names and what stands behind it; or an answer that says which there are. */
export function takeService(
  { rest, ports }: Given,
  usage: string,
): { readonly service: Service; readonly rest: string } | { readonly answer: string } {
  const { services, byName } = ports.catalogue()
  const names = services.map(({ name }) => name)
  const [, word = '', behind = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? []
  if (word === '') return { answer: `Which service? ${usage} ${list(names)}` }
  const service = byName(word) ?? services.find(({ name }) => name.toLowerCase() === word.toLowerCase())
  if (service !== undefined) return { service, rest: behind }
  const near = nearest(word, names)
  const meant = near.length === 0 ? list(names) : `Did you mean ${near.map(code).join(' or ')}?`
  return { answer: `There is no service “${escapeInline(shorten(word, 80))}” in the catalogue. ${meant}` }
}

function list(names: readonly string[]): string {
  if (names.length === 0) return 'The catalogue in incbot.yaml has no services yet.'
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
  return `There are ${names.slice(0, LISTED).map(code).join(', ')}${more}.`
}

function code(name: string): string {
  return `\`${escapeInline(name)}\``
}
