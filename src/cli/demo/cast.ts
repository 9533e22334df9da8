import type { World } from '../../sandbox/world/index.ts'
import type { Sights } from './look-around.ts'
import type { Stage } from './stage.ts'
import type { Transcript } from './transcript.ts'

/** An incident that can be played. */
export interface Story {
  /** As one asks for it: `demo surge`. */
  readonly name: string
  /** File name of the runbook that the bot gets. */
  readonly runbook: string
  /** How much the world remembers: "seven hours of history". */
  readonly past: string
  /** Starts the world; the caller stops it. */
  open(): Promise<Cast>
}

/** A story's world with what is told and done in it. */
export interface Cast {
  readonly world: World
  readonly sights: Sights
  tellSituation(transcript: Transcript): void
  /** Tells from now on what the world does by itself. */
  tellEvents(transcript: Transcript): void
  /** From the page to the end. Rejects with `StepFailure` at the first step that does not come out. */
  play(stage: Stage): Promise<void>
}
