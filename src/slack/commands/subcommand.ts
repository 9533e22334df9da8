import type { Person } from '../../domain/event.ts'
import type { BotPorts } from '../bot-ports.ts'

/** One command as somebody gave it. */
export interface Given {
  readonly by: Person
  readonly channel: string
  /** Identifies the request, however often it is delivered. */
  readonly key: string
  /** What stands behind the subcommand's name, trimmed, as it was typed. */
  readonly rest: string
  readonly ports: BotPorts
}

export interface Subcommand {
  readonly name: string
  /** Behind the name: "<service> [duration] [reason]". */
  readonly takes: string
  readonly about: string
  /** Whether it only ever stops something: however much somebody asked before, it is listened to. */
  readonly stops?: true
  /** Resolves with the answer, in mrkdwn with everything from outside escaped. What it says was started is durably recorded by then. */
  run(given: Given): Promise<string>
}

/** "Write `/inc freeze <service>`." */
export function usage(ports: BotPorts, { name, takes }: Pick<Subcommand, 'name' | 'takes'>): string {
  const text = `${ports.command} ${name} ${takes}`.trim().replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `Write \`${text}\`.`
}
