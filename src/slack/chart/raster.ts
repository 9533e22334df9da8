import { access } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { encodePng } from './png.ts'

const FONTS = new URL('../../../assets/fonts/', import.meta.url)
const FONT_FILES = ['Inter-Regular.otf', 'Inter-SemiBold.otf']
/** Pixels per unit of the drawing, for screens with a high density. */
const ZOOM = 2

/** The family name inside both files (name table, ids 1 and 16), not the name of a file. */
const FAMILY = 'Inter'

/** An SVG document as an opaque PNG at twice its size. Throws when a font file is missing: text would be dropped silently. */
export async function rasterise(svg: string, fonts: URL = FONTS): Promise<Buffer> {
  const fontFiles = FONT_FILES.map((name) => fileURLToPath(new URL(name, fonts)))
  await Promise.all(fontFiles.map(assertReadable))
  // Loaded with the first picture: the native module takes 15 ms that the first webhook does not need.
  const { renderAsync } = await import('@resvg/resvg-js')
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: FAMILY }
  const { width, height, pixels } = await renderAsync(svg, { font, fitTo: { mode: 'zoom', value: ZOOM } })
  return encodePng(width, height, pixels)
}

async function assertReadable(path: string): Promise<void> {
  await access(path).catch((cause: unknown) => {
    throw new Error(`Charts need the font ${path}, which cannot be read: reinstall incbot with its assets folder.`, {
      cause,
    })
  })
}
