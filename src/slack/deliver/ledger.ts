import { createHash } from 'node:crypto'
import type { Delivery, Store } from '../../store/store.ts'
import type { Content } from '../render/message.ts'
import { type DeliveryNote, readNote, writeNote } from './note.ts'

/** The deliveries of one incident during one run: what was read, and what was stored since. */
export interface Ledger {
  readonly all: () => readonly Delivery[]
  readonly of: (key: string) => Delivery | undefined
  /** Stored durably before it resolves. */
  intend(key: string, at: DeliveryPlace, note?: DeliveryNote): Promise<Delivery>
  confirm(delivery: Delivery, change: Partial<Pick<Delivery, 'reference' | 'contentHash'>>): Promise<Delivery>
  /** Certainly not accepted: the next attempt has nothing to look for. */
  unsent(delivery: Delivery): Promise<Delivery>
  abandon(key: string, why: string): Promise<Delivery>
}

interface DeliveryPlace {
  readonly channel: string
  readonly reference?: string
}

export function createLedger(
  incidentId: string,
  deliveries: readonly Delivery[],
  store: Pick<Store, 'saveDelivery'>,
  now: () => number,
  isHeld: () => boolean,
): Ledger {
  const known = new Map(deliveries.map((one) => [one.key, one]))

  async function save(delivery: Delivery): Promise<Delivery> {
    // Whoever has taken over knows more by now.
    if (!isHeld()) throw new Error(`The lease on what stands in Slack for ${incidentId} is over`)
    await store.saveDelivery(delivery)
    known.set(delivery.key, delivery)
    return delivery
  }

  return {
    all: () => [...known.values()],
    of: (key) => known.get(key),
    intend(key, place, note = {}) {
      const before = known.get(key)
      // The first attempt that may have arrived is as far back as it must be looked for.
      const inDoubtSince = before?.state === 'intended' && !readNote(before.note).unsent ? before.updatedAt : now()
      return save({ key, incidentId, state: 'intended', ...place, ...noteField(note), updatedAt: inDoubtSince })
    },
    confirm({ contentHash: _old, ...delivery }, change) {
      const { unsent: _sent, ...note } = readNote(delivery.note)
      const { note: _note, ...rest } = delivery
      return save({ ...rest, ...noteField(note), state: 'sent', ...change, updatedAt: now() })
    },
    unsent: (delivery) =>
      save({ ...delivery, ...noteField({ ...readNote(delivery.note), unsent: true }), updatedAt: now() }),
    abandon(key, why) {
      const { note, ...before } = known.get(key) ?? { key, incidentId }
      return save({ ...before, state: 'abandoned', ...noteField({ ...readNote(note), why }), updatedAt: now() })
    },
  }
}

function noteField(note: DeliveryNote): { readonly note?: string } {
  const text = writeNote(note)
  return text === undefined ? {} : { note: text }
}

/** The same content has the same hash, also after a restart. */
export function hashOf({ text, blocks }: Content): string {
  return createHash('sha256')
    .update(JSON.stringify([text, blocks]))
    .digest('base64url')
    .slice(0, 22)
}
