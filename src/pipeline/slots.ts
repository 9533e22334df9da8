import { type Rhythm, slotAt } from '../domain/schedule/schedule.ts'
import { whileHeld } from './hold.ts'
import { slotKey, slotOfKey } from './keys.ts'
import type { Hold, Ports } from './ports.ts'

/** Something that has its turn again and again. `run` may be repeated for the same slot: after a crash it is. */
export interface Turns {
  readonly kind: 'schedule' | 'digest'
  readonly name: string
  readonly rhythm: Rhythm
  /** Whether it has its turn as soon as it is set up, or waits for the next one. */
  readonly beginsAtOnce: boolean
  /** `slot` and `previous`, the turn before it that was taken, in ms since the epoch. */
  run(slot: number, previous: number, hold: Hold): Promise<void>
}

type SlotPorts = Pick<Ports, 'store' | 'jobs' | 'now' | 'owner' | 'log'>

/** Longer than any run takes: it only hands over events, or posts one message. */
const LEASE_MS = 60_000
/** Another replica is at it. */
const BUSY_MS = 5_000

/** Marks what has its turn now as due, and nothing else: however often it is called, by however many, one slot is one due record. */
export async function markTurns(ports: SlotPorts, all: readonly Turns[]): Promise<void> {
  for (const turns of all) await markTurn(ports, turns)
}

async function markTurn({ store, jobs, now }: SlotPorts, turns: Turns): Promise<void> {
  const { kind, name, rhythm, beginsAtOnce } = turns
  const slot = slotAt(rhythm, now())
  if (slot === undefined) return
  const taken = await lastTaken(store, kind, name)
  // What was set up just now has not missed the turn before.
  if (taken === undefined && !beginsAtOnce) return take(store, kind, name, slot)
  if (taken !== undefined && slot <= taken) return
  const key = slotKey(kind, name, slot)
  await store.markDue(key, slot)
  jobs.wake(key)
}

/**
 * Takes the turn that a due key stands for, once. Only the last slot is taken: who was away for a night catches up on one run and not on all.
 * A slot counts as taken when its run has ended, so that a crash in between takes it again.
 */
export async function takeTurn(ports: SlotPorts, all: readonly Turns[], key: string): Promise<void> {
  const { store, jobs, now, owner } = ports
  const lease = await store.acquire(`taking:${key.split('@', 1)[0]}`, owner, LEASE_MS, now())
  if (lease === undefined) return jobs.wakeAt(key, now() + BUSY_MS)
  await whileHeld(ports, lease, LEASE_MS, new AbortController(), (hold) => takeHeld(ports, all, key, hold))
}

async function takeHeld(ports: SlotPorts, all: readonly Turns[], key: string, hold: Hold): Promise<void> {
  const { store, now, log } = ports
  const found = slotOfKey(key)
  const turns = all.find(({ kind, name }) => key.startsWith(`${kind}:`) && name === found?.name)
  const due = await store.dueItem(key)
  const taken = turns && (await lastTaken(store, turns.kind, turns.name))
  const isTaken = found !== undefined && taken !== undefined && found.slot <= taken
  if (turns !== undefined && found !== undefined && due !== undefined && !isTaken) {
    const newest = slotAt(turns.rhythm, now())
    if (newest !== undefined && newest > found.slot) {
      log.info({ schedule: turns.name, missed: key }, 'A turn was missed; the newest one stands for it')
      await markTurn(ports, turns)
    } else {
      await turns.run(found.slot, taken ?? found.slot, hold)
      await take(store, turns.kind, turns.name, found.slot)
    }
  }
  if (due !== undefined) await store.settle(due)
}

async function lastTaken(store: Ports['store'], kind: string, name: string): Promise<number | undefined> {
  const text = await store.setting(`taken:${kind}:${name}`)
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : at
}

function take(store: Ports['store'], kind: string, name: string, slot: number): Promise<void> {
  return store.setSetting(`taken:${kind}:${name}`, new Date(slot).toISOString())
}
