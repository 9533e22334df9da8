import { z } from 'zod'

/** There was no room for it within Slack's limits while it was worth reading. */
export const LEFT_OUT = 'left_out'

const schema = z.object({
  /** The last attempt was certainly not accepted: nothing to look for before the next. */
  unsent: z.literal(true).optional(),
  /** Cards posted although an earlier copy may stand there unseen. */
  copies: z.int().min(1).optional(),
  /** Posted in the fallback channel because this one refused it. */
  instead: z.object({ channel: z.string(), code: z.string() }).optional(),
  /** Somebody deleted the card, and it was posted again. */
  reposted: z.literal(true).optional(),
  /** Why it was given up: `unconfirmed`, `LEFT_OUT`, or what Slack answered. */
  why: z.string().optional(),
})

/** What is remembered about a delivery beyond its state; kept as JSON in `Delivery.note`. */
export type DeliveryNote = z.infer<typeof schema>

/** A note that nobody can read counts as none. */
export function readNote(note: string | undefined): DeliveryNote {
  if (note === undefined) return {}
  try {
    return schema.parse(JSON.parse(note))
  } catch {
    return {}
  }
}

/** Undefined when there is nothing to remember. */
export function writeNote(note: DeliveryNote): string | undefined {
  const text = JSON.stringify(note)
  return text === '{}' ? undefined : text
}
