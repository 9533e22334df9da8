/** `npm run test:chaos` runs everything; `npm test` a part of it that fits the patience of whoever changed a line. */
export const full = process.env.INCBOT_CHAOS === 'full'

/** How much of something: `short` in `npm test`, `whole` in `npm run test:chaos`. */
export function sized(short: number, whole: number): number {
  return full ? whole : short
}
