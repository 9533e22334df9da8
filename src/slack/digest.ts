import type { Digest } from '../domain/digest.ts'
import type { DigestPost } from '../pipeline/ports.ts'
import type { Store } from '../store/store.ts'
import { uploadBytes } from './api.ts'
import { deliverCard } from './deliver/card.ts'
import type { Desk } from './deliver/desk.ts'
import { createKeptBack } from './deliver/kept-back.ts'
import { createLedger } from './deliver/ledger.ts'
import { createProgress } from './deliver/progress.ts'
import type { SlackProjectionDeps } from './projection.ts'
import { renderDigest } from './render/digest.ts'

export type DigestPostDeps = Pick<
  SlackProjectionDeps,
  'outbox' | 'renderChart' | 'fallbackChannel' | 'now' | 'log' | 'meter'
> & { readonly store: Pick<Store, 'saveDelivery' | 'deliveries'> }

/**
 * Posts a digest as cards are posted: what is to be sent is stored first, so that whoever runs it again after a crash finds what stands there.
 * Rejects with `SlackError` where Slack is out of reach.
 */
export function digestPost(deps: DigestPostDeps): DigestPost {
  const { outbox, store, renderChart, fallbackChannel, now, log, meter } = deps
  const keptBack = createKeptBack(now)
  return async (id: string, digest: Digest, { channel, timeZone }, hold) => {
    const ledger = createLedger(id, await store.deliveries(id), store, now, hold.isHeld)
    const desk: Desk = { outbox, ledger, log, meter, now, keptBack, hold, renderChart, upload: uploadBytes }
    const key = `slack:${id}:card`
    const card = {
      key,
      content: renderDigest(digest, timeZone),
      priority: { post: 'card', edit: 'rest' },
      isProgress: false,
    } as const
    await deliverCard({ ...desk, key, card: () => card, channel, fallbackChannel, progress: createProgress() })
  }
}
