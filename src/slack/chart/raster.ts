import { access } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { encodePng } from './png.ts'

const FONTS = new URL('../../../assets/fonts/', import.meta.url)
const FONT_FILES = ['Inter-Regular.otf', 'Inter-SemiBold.otf'].map((name) => fileURLToPath(new URL(name, FONTS)))
/** Pixels per unit of the drawing, for screens with a high density. */
const ZOOM = 2

const font = {
  loadSystemFonts: false,
  fontFiles: FONT_FILES,
  /** The family name inside the files (name table, id 1 or 16), not the file name. */
  defaultFontFamily: 'Inter',
}

/** An SVG document as an opaque PNG at twice its size. Throws when a font file is missing: text would be dropped silently. */
export async function rasterise(svg: string): Promise<Buffer> {
  await Promise.all(FONT_FILES.map(assertReadable))
  // Loaded with the first picture: the native module takes 15 ms that the first webhook does not need.
  const { renderAsync } = await import('@resvg/resvg-js')
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
