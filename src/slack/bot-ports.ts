import type { Person } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import type { Approvers } from '../domain/service.ts'
import type { Commands } from '../pipeline/commands.ts'
import type { Catalogue, Logger } from '../pipeline/ports.ts'
import type { SlackCall } from './api.ts'
import type { FairUse } from './fair-use.ts'
import type { GroupsOf } from './groups.ts'
import type { SlackMeter } from './meter.ts'

/** What commands and buttons need. */
export interface BotPorts {
  readonly commands: Commands
  readonly catalogue: () => Catalogue
  /** The record as it is now, to show what somebody is about to approve; undefined where there is none. */
  readonly incidentOf: (id: string) => Promise<Incident | undefined>
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
  readonly fairUse: FairUse
  /** For how long a card waits now before it can show what somebody did, in ms. */
  readonly cardDelayMs: () => number
  /** Root command, such as `/inc`. */
  readonly command: string
  readonly workspace?: string
}
