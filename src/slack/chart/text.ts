import { advanceWidths, otherWidth, wideCharacters } from './font-metrics.ts'

export type Weight = keyof typeof advanceWidths

/** Longer than any label that fits; what lies beyond is cut before any work is spent on it. */
const LONGEST = 400

/** The characters that the fonts in assets/fonts have a glyph for. */
const covered =
  /[\u0020-\u007e\u00a0-\u0148\u014a-\u017f\u0192\u0218-\u021b\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03e1\u03f0-\u045f\u0490\u0491\u2010-\u2027\u2030-\u203a\u2044\u2070\u2071\u2074-\u208e\u2090-\u2094\u20a0-\u20bf\u2122\u2126\u2190-\u2193\u2206\u2211\u2212\u221a\u221e\u2248\u2260\u2264\u2265\u25a1\u25cf]/u

/**
 * Text from outside as the fonts can draw it: one line, without control, direction and combining characters. A run of characters
 * that have no glyph becomes one "□", since the renderer would drop them silently and the reader would not know.
 */
export function cleanText(raw: string): string {
  const kept = Array.from(
    raw
      .slice(0, LONGEST)
      .normalize('NFC')
      .replace(/\s+/g, ' ')
      .replace(/[\p{C}\p{M}]/gu, ''),
  )
  const drawable = kept.map((character) => (covered.test(character) ? character : '□')).join('')
  return drawable.replace(/□+/g, '□').replace(/ +/g, ' ').trim()
}

/** The width of a line in the unit of `size`. ASCII is exact but for kerning, other letters are estimated on the wide side. */
export function textWidth(text: string, size: number, weight: Weight): number {
  let thousandths = 0
  for (const character of text.normalize('NFD')) thousandths += characterWidth(character, weight)
  return (thousandths * size) / 1000
}

/** The text, or as much of its beginning as fits, followed by an ellipsis. */
export function shorten(text: string, width: number, size: number, weight: Weight): string {
  return longestThatFits(
    text,
    width,
    size,
    weight,
    (characters, count) => `${characters.slice(0, count).join('').trimEnd()}…`,
  )
}

/** As `shorten`, but the end is kept as well: pods of one workload differ in their last characters. */
export function shortenMiddle(text: string, width: number, size: number, weight: Weight): string {
  return longestThatFits(text, width, size, weight, (characters, count) => {
    const ending = Math.ceil(count * 0.6)
    return `${characters.slice(0, count - ending).join('')}…${characters.slice(characters.length - ending).join('')}`
  })
}

/** The text on at most two lines, broken between words, the second one shortened. */
export function wrapOnTwoLines(text: string, width: number, size: number, weight: Weight): readonly string[] {
  if (textWidth(text, size, weight) <= width) return text === '' ? [] : [text]
  const words = text.split(' ')
  let count = words.length
  while (count > 0 && textWidth(words.slice(0, count).join(' '), size, weight) > width) count -= 1
  if (count === 0) return [shorten(text, width, size, weight)]
  return [words.slice(0, count).join(' '), shorten(words.slice(count).join(' '), width, size, weight)]
}

function longestThatFits(
  text: string,
  width: number,
  size: number,
  weight: Weight,
  cut: (characters: readonly string[], count: number) => string,
): string {
  if (textWidth(text, size, weight) <= width) return text
  const characters = Array.from(text)
  let count = characters.length - 1
  while (count > 0 && textWidth(cut(characters, count), size, weight) > width) count -= 1
  return cut(characters, count)
}

function characterWidth(character: string, weight: Weight): number {
  const ascii = advanceWidths[weight][(character.codePointAt(0) ?? 0) - 0x20]
  if (ascii !== undefined) return ascii
  return /\p{M}/u.test(character) ? 0 : (wideCharacters[character] ?? otherWidth)
}
