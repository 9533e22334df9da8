import type { Person } from '../domain/event.ts'
import type { Approvers } from '../domain/service.ts'
import type { Commands } from '../pipeline/commands.ts'
import type { Catalogue, Logger } from '../pipeline/ports.ts'
import type { SlackCall } from './api.ts'
import type { GroupsOf } from './groups.ts'
import type { SlackMeter } from './meter.ts'

/** What commands and buttons need. */
export interface BotPorts {
  readonly commands: Commands
  readonly catalogue: () => Catalogue
  /** Who may switch incbot off and on. Both lists empty: nobody. */
  readonly admins: Approvers
  /** Durable when it resolves. */
  readonly switchOff: (by: Person, reason: string) => Promise<void>
  readonly switchOn: (by: Person) => Promise<void>
  /** "90m", "2h" in ms; undefined where it is no duration. */
  readonly parseDuration: (text: string) => number | undefined
  readonly log: Logger
  readonly meter?: SlackMeter
  readonly now: () => number
  readonly call: SlackCall
  readonly groupsOf: GroupsOf
  /** Root command, such as `/inc`. */
  readonly command: string
  readonly workspace?: string
}
