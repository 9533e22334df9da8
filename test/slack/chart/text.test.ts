import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { Resvg } from '@resvg/resvg-js'
import fc from 'fast-check'
import { textElement } from '../../../src/slack/chart/svg.ts'
import { cleanText, shorten, shortenMiddle, textWidth, wrapOnTwoLines } from '../../../src/slack/chart/text.ts'

const FONTS = ['assets/fonts/Inter-Regular.otf', 'assets/fonts/Inter-SemiBold.otf']
const anyText = fc.string({ unit: 'binary', maxLength: 500 })

describe('cleanText', () => {
  it.each([
    ['checkout-api memory (prod)', 'checkout-api memory (prod)'],
    ['two\n  lines\tand\u2028more', 'two lines and more'],
    ['bell\u0007 null\u0000 escape\u001b[31m', 'bell null escape[31m'],
    ['\u202egnissap\u202c \u200fplain\ufeff', 'gnissap plain'],
    ['emoji 👩‍👩‍👧🔥 family', 'emoji □ family'],
    ['שלום and 日本語', '□ and □'],
    ['Z̷̢a̴l̶go', 'Zalgo'],
    ['café München Πλάτων Москва', 'café München Πλάτων Москва'],
    ['lone \ud800 surrogate', 'lone surrogate'],
    ['<b>&"\'', '<b>&"\''],
    ['', ''],
  ])('makes %j into %j', (raw, clean) => {
    expect(cleanText(raw)).toBe(clean)
  })

  it('lets nothing through that one of the fonts has no glyph for', () => {
    const glyphs = FONTS.map((path) => coveredBy(readFileSync(path)))
    const missing: string[] = []
    for (let code = 0; code <= 0xffff; code += 1) {
      const kept = cleanText(String.fromCharCode(code))
      const codes = Array.from(kept, (character) => character.codePointAt(0) ?? 0)
      if (codes.some((kept) => !glyphs.every((covered) => covered.has(kept)))) missing.push(code.toString(16))
    }
    expect(missing).toEqual([])
  })

  it('stays quick and short with ten thousand characters', () => {
    expect(cleanText('x'.repeat(10_000)).length).toBeLessThan(500)
  })
})

describe('textWidth', () => {
  it.each([
    ['checkout-api memory (prod-eu-1)', 400],
    ['reaches the 2 GiB limit about 04:00 UTC', 400],
    ['AVATAR WAVE 11:47', 600],
    ['inference-7d9f8b6c5-x2kqp', 600],
  ] as const)('agrees with the renderer about %j in weight %d', (text, weight) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60">${textElement(10, 40, text, { size: 20, weight, fill: '#000' })}</svg>`
    const box = new Resvg(svg, {
      font: { loadSystemFonts: false, fontFiles: FONTS, defaultFontFamily: 'Inter' },
    }).getBBox()
    expect((box?.width ?? 0) / textWidth(text, 20, weight)).toBeGreaterThan(0.93)
    expect((box?.width ?? 0) / textWidth(text, 20, weight)).toBeLessThan(1.01)
  })
})

describe('shortening', () => {
  it('leaves alone what fits', () => {
    expect(shorten('inference', 200, 16, 400)).toBe('inference')
  })

  it('ends in an ellipsis', () => {
    expect(shorten('a rather long title of a chart', 120, 16, 400)).toBe('a rather long t…')
  })

  it("keeps both ends of a pod's name", () => {
    const short = shortenMiddle('inference-7d9f8b6c5-x2kqp', 120, 16, 400)
    expect(short).toMatch(/^infe.*….*x2kqp$/)
  })

  it('never exceeds the width, whatever the text', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 30, max: 800 }), (raw, width) => {
        const text = cleanText(raw)
        for (const short of [shorten(text, width, 16, 400), shortenMiddle(text, width, 16, 600)]) {
          expect(textWidth(short, 16, 400)).toBeLessThanOrEqual(width * 1.05)
        }
        expect(cleanText(text)).toBe(text)
      }),
    )
  })
})

describe('wrapOnTwoLines', () => {
  it('breaks between words', () => {
    expect(wrapOnTwoLines('one two three four', 80, 16, 400)).toEqual(['one two', 'three four'])
  })

  it('shortens what does not fit on the second line', () => {
    expect(wrapOnTwoLines('one two three four five six', 80, 16, 400)).toEqual(['one two', 'three fo…'])
  })

  it('shortens a single word that is too long, and gives no line for no text', () => {
    expect(wrapOnTwoLines('x'.repeat(99), 80, 16, 400)).toHaveLength(1)
    expect(wrapOnTwoLines('', 80, 16, 400)).toEqual([])
  })
})

/** The characters of a font's format 4 character map (OpenType, table cmap). */
function coveredBy(font: Buffer): ReadonlySet<number> {
  const tables = Array.from({ length: font.readUInt16BE(4) }, (_, index) => 12 + index * 16)
  const record = tables.find((at) => font.toString('latin1', at, at + 4) === 'cmap') ?? 0
  const cmap = font.readUInt32BE(record + 8)
  const subtables = Array.from(
    { length: font.readUInt16BE(cmap + 2) },
    (_, index) => cmap + font.readUInt32BE(cmap + 8 + index * 8),
  )
  const map = subtables.find((at) => font.readUInt16BE(at) === 4) ?? 0
  const segments = font.readUInt16BE(map + 6) / 2
  const covered = new Set<number>()
  for (let segment = 0; segment < segments; segment += 1) {
    const last = font.readUInt16BE(map + 14 + segment * 2)
    const first = font.readUInt16BE(map + 16 + segments * 2 + segment * 2)
    for (let code = first; code <= last; code += 1) covered.add(code)
  }
  return covered
}
