const DURATION = /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?(?:(\d{1,9})ms)?$/
const STEPS_MS = [86_400_000, 3_600_000, 60_000, 1000, 1]
const LONGEST_MS = 366 * 86_400_000

/** "90s", "5m", "2h", "1h30m", "7d", "500ms" in milliseconds; `undefined` where it is none of these, zero, or longer than a year. */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION.exec(text)
  if (parts === null) return undefined
  const ms = STEPS_MS.reduce((sum, step, index) => sum + step * Number(parts[index + 1] ?? 0), 0)
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined
}

const SIZE = /^(\d{1,9}(?:\.\d{1,6})?) ?([kKMGTP]?i?B)$/
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
}

/** "32GB" (32·10⁹), "32GiB" (32·2³⁰), "512MiB" in bytes; `undefined` where it is no size or zero. */
export function parseSize(text: string): number | undefined {
  const parts = SIZE.exec(text)
  const unit = UNITS[parts?.[2] ?? '']
  if (parts === null || unit === undefined) return undefined
  const bytes = Math.round(Number(parts[1]) * unit)
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined
}
