import { describe, expect, it } from '@jest/globals'
import { palette } from '../../../src/slack/chart/palette.ts'

type Rgb = readonly [number, number, number]

/** Colours as people with these deficiencies see them, in linear RGB (Machado, Oliveira and Fernandes, 2009, severity 1). */
const SIGHTS: Readonly<Record<string, readonly [Rgb, Rgb, Rgb]>> = {
  'full colour vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
}

describe('palette', () => {
  it.each(['ink', 'text', 'quiet', 'subject', 'deploy', 'restart'] as const)('%s can be read on paper', (name) => {
    expect(contrast(palette[name], palette.paper)).toBeGreaterThan(4.5)
  })

  it.each([
    ['deploy', 'deployPaper'],
    ['restart', 'restartPaper'],
  ] as const)('%s can be read on its chip', (ink, paper) => {
    expect(contrast(palette[ink], palette[paper])).toBeGreaterThan(4.5)
  })

  it.each(Object.keys(SIGHTS))(
    'the subject differs from deploys, restarts, thresholds and other lines with %s',
    (sight) => {
      for (const name of ['deploy', 'restart', 'ink', 'other'] as const) {
        expect(difference(seen(palette.subject, sight), seen(palette[name], sight))).toBeGreaterThan(25)
      }
      expect(difference(seen(palette.deploy, sight), seen(palette.restart, sight))).toBeGreaterThan(15)
    },
  )
})

function linear(hex: string): Rgb {
  const channel = (at: number): number => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
  const [dark = 0, light = 0] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y)
  return light / dark
}

function seen(hex: string, sight: string): Rgb {
  const [red, green, blue] = linear(hex)
  const mix = ([r, g, b]: Rgb): number => Math.max(0, Math.min(1, r * red + g * green + b * blue))
  const [first, second, third] = SIGHTS[sight] ?? []
  if (!first || !second || !third) throw new Error(sight)
  return [mix(first), mix(second), mix(third)]
}

/** Distance in CIELAB (CIE 1976), where about 2 is just noticeable. */
function difference(a: Rgb, b: Rgb): number {
  const [l1, a1, b1] = lab(a)
  const [l2, a2, b2] = lab(b)
  return Math.hypot(l1 - l2, a1 - a2, b1 - b2)
}

function lab([red, green, blue]: Rgb): Rgb {
  const root = (share: number): number => (share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116)
  const x = root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505)
  const y = root(0.2126 * red + 0.7152 * green + 0.0722 * blue)
  const z = root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
