import type { Chart } from '../../domain/chart.ts'
import { MARGIN, type, WIDTH } from './frame.ts'
import { type Item, spread } from './spread.ts'
import { shorten, textWidth } from './text.ts'

export type MarkerKind = Chart['markers'][number]['kind']
type Marker = Chart['markers'][number]

export interface Chip {
  readonly kind: MarkerKind
  readonly label: string
  readonly middle: number
  readonly width: number
  /** Where its own moment is; a chip that stands for many has none. */
  readonly moment?: number
}

/** What stands above the plot: chips with their names, ticks for moments too many to name, and the word "now". */
export interface Rail {
  readonly chips: readonly Chip[]
  readonly ticks: readonly { readonly kind: MarkerKind; readonly x: number }[]
  readonly nowMiddle?: number
}

/** More chips than this are never legible, so no attempt is made to place them. */
const MOST_CHIPS = 6
const LONGEST_LABEL = 170
const CHIP_PADDING = 11
const GAP = 8
/** "now" belongs on its line; chips move out of its way. */
const NOW_WEIGHT = 1000

/**
 * Names each marker where all names fit beside each other near their moments. Where they do not, the larger kind becomes ticks under
 * one chip with their number ("47 deploys"), then the other kind as well.
 */
export function planRail(markers: readonly Marker[], x: (at: number) => number, nowX: number | undefined): Rail {
  const groups = (['deploy', 'restart'] as const)
    .map((kind) => markers.filter((marker) => marker.kind === kind))
    .filter((group) => group.length > 0)
    .sort((a, b) => a.length - b.length)
  let named = groups.filter((group) => group.length <= MOST_CHIPS)
  for (;;) {
    const wishes = groups.flatMap((group) =>
      named.includes(group) ? group.map((one) => wishFor(one, x)) : [summary(group, x)],
    )
    const rail = place(wishes, nowX)
    if (named.length === 0 || rail.chips.every(isAtItsMoment)) {
      const ticks = groups.filter((group) => !named.includes(group)).flatMap((group) => ticksOf(group, x))
      return { ...rail, ticks }
    }
    named = named.slice(0, -1)
  }
}

interface Wish {
  readonly at: number
  readonly chip: Omit<Chip, 'middle'>
}

function wishFor({ kind, at, label }: Marker, x: (at: number) => number): Wish {
  return { at: x(at), chip: { ...sized(kind, shortLabel(label)), moment: x(at) } }
}

function summary(group: readonly Marker[], x: (at: number) => number): Wish {
  const [first] = group
  const middle = (x(first?.at ?? 0) + x(group.at(-1)?.at ?? 0)) / 2
  const kind = first?.kind ?? 'deploy'
  const label = group.length === 1 ? shortLabel(first?.label ?? kind) : `${group.length} ${kind}s`
  return { at: middle, chip: sized(kind, label) }
}

function shortLabel(label: string): string {
  return shorten(label, LONGEST_LABEL, type.label, 400)
}

function sized(kind: MarkerKind, label: string): Omit<Chip, 'middle'> {
  return { kind, label, width: textWidth(label, type.label, 400) + 2 * CHIP_PADDING }
}

function place(wishes: readonly Wish[], nowX: number | undefined): Omit<Rail, 'ticks'> {
  const items: Item[] = wishes.map(({ at, chip }) => ({ at, size: chip.width + GAP, weight: 1 }))
  if (nowX !== undefined) items.push({ at: nowX, size: textWidth('now', type.label, 400) + GAP, weight: NOW_WEIGHT })
  const middles = spread(items, MARGIN, WIDTH - MARGIN)
  const chips = wishes.map(({ chip }, index) => ({ ...chip, middle: middles[index] ?? 0 }))
  const nowMiddle = nowX === undefined ? undefined : middles.at(-1)
  return { chips, ...(nowMiddle !== undefined && { nowMiddle }) }
}

/** The line of a chip has to begin under it, and all of the chip has to be in the picture. */
function isAtItsMoment({ middle, width, moment }: Chip): boolean {
  if (middle + width / 2 > WIDTH - MARGIN + GAP) return false
  return moment === undefined || Math.abs(middle - moment) <= width / 2 - CHIP_PADDING
}

function ticksOf(group: readonly Marker[], x: (at: number) => number): Rail['ticks'] {
  const pixels = new Set(group.map(({ at }) => Math.round(x(at) * 2) / 2))
  const kind = group[0]?.kind ?? 'deploy'
  return Array.from(pixels, (place) => ({ kind, x: place }))
}
