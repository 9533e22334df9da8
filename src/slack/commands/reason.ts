import { clean, shorten } from '../render/text.ts'

const LONGEST = 300

/** What was typed as a reason, on one line; empty where nothing was. */
export function typedReason(text: string): string {
  return shorten(clean(text).replace(/\s+/g, ' ').trim(), LONGEST)
}
