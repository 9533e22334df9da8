/** Size of the drawing in its own units; the picture has twice as many pixels each way. */
export const WIDTH = 840
export const HEIGHT = 440
/** Free space at the edges of the picture. */
export const MARGIN = 24

/** Sizes of type: on a phone the picture is shown at less than half of its width, so nothing is smaller than 14. */
export const type = { title: 26, subtitle: 18, label: 16.5, axis: 16, note: 14 } as const

export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** The edges of the area in which lines are drawn, and where times and values lie in it. */
export interface Frame extends Box {
  readonly x: (at: number) => number
  readonly y: (value: number) => number
}

export function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
