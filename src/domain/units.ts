import type { ByteUnits } from './chart.ts'

const STEPS = {
  decimal: { base: 1000, names: ['B', 'kB', 'MB', 'GB', 'TB'] },
  binary: { base: 1024, names: ['B', 'KiB', 'MiB', 'GiB', 'TiB'] },
} as const

/** Bytes as a person writes them: "31.2 GB", "498 MB", "0.82 GB" is written "820 MB". Negative amounts keep their sign. */
export function formatBytes(bytes: number, units: ByteUnits): string {
  const unit = byteUnit(bytes, units)
  const amount = unit.bytes === 1 ? Math.round(bytes) : bytes / unit.bytes
  return `${threeDigits(amount)} ${unit.name}`
}

/** The unit in which an amount is written, with its size, for those who write several amounts in one unit. */
export function byteUnit(bytes: number, units: ByteUnits): { readonly name: string; readonly bytes: number } {
  const { base, names } = STEPS[units]
  let step = 0
  while (Math.abs(bytes) >= base ** (step + 1) * 0.9995 && step < names.length - 1) step += 1
  return { name: names[step] ?? 'B', bytes: base ** step }
}

/** Three significant digits without a trailing zero after the point, and all digits before it: 31.2, 498, 32, 6.35, 1234, -0.5. */
export function threeDigits(value: number): string {
  const size = Math.abs(value)
  // Below a millionth a number would be written with an exponent, which nobody reads as next to nothing.
  const text = size >= 99.95 ? String(Math.round(size)) : size < 1e-6 ? '0' : String(Number(size.toPrecision(3)))
  return value < 0 && text !== '0' ? `-${text}` : text
}

/** A share between 0 and 1 as "97.5 %". */
export function formatShare(share: number): string {
  return `${threeDigits(share * 100)} %`
}

/** How long ago, as people say it: "12 s ago", "4 min ago". Both in ms since the epoch; a moment ahead of `now` is now. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.round(Math.max(0, now - at) / 1000)
  if (seconds < 100) return `${seconds} s ago`
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min ago`
  return seconds < 48 * 3_600 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} days ago`
}

const HALF_DAY_MS = 12 * 3_600_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** A moment near `now` as "03:42 UTC"; further than half a day away with its date, "17 Mar 03:42 UTC". Both in ms since the epoch. */
export function formatMoment(at: number, now: number): string {
  const date = new Date(at)
  const time = `${date.toISOString().slice(11, 16)} UTC`
  if (Math.abs(at - now) <= HALF_DAY_MS) return time
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''} ${time}`
}
