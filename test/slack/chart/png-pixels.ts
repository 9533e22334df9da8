import { inflateSync } from 'node:zlib'

export interface Picture {
  readonly width: number
  readonly height: number
  /** RGBA, row by row. */
  readonly pixels: Buffer
}

/** Reads the PNGs that incbot writes: 8-bit RGBA, one data chunk, unfiltered rows. */
export function readPng(png: Buffer): Picture {
  const width = png.readUInt32BE(16)
  const height = png.readUInt32BE(20)
  const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)))
  const pixels = Buffer.alloc(width * height * 4)
  for (let row = 0; row < height; row += 1) {
    const start = row * (width * 4 + 1)
    if (rows[start] !== 0) throw new Error(`row ${row} is filtered`)
    rows.copy(pixels, row * width * 4, start + 1, start + 1 + width * 4)
  }
  return { width, height, pixels }
}

/** How many pixels of a part of the drawing (in its own units) are darker than paper and grid. */
export function inkIn(picture: Picture, left: number, top: number, right: number, bottom: number): number {
  let ink = 0
  for (let y = top * 2; y < bottom * 2; y += 1) {
    for (let x = left * 2; x < right * 2; x += 1) {
      const at = (y * picture.width + x) * 4
      if (Math.min(...picture.pixels.subarray(at, at + 3)) < 180) ink += 1
    }
  }
  return ink
}
