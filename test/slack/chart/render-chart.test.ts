import { describe, expect, it } from '@jest/globals'
import { renderChart } from '../../../src/slack/chart/index.ts'
import { encodePng } from '../../../src/slack/chart/png.ts'
import { rasterise } from '../../../src/slack/chart/raster.ts'
import { textElement } from '../../../src/slack/chart/svg.ts'
import { aChart, aLine, theFirstIncident } from './charts.ts'
import { inkIn, readPng } from './png-pixels.ts'

describe('renderChart', () => {
  it('is a PNG with two pixels per unit', async () => {
    const png = await renderChart(theFirstIncident())
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(readPng(png)).toMatchObject({ width: 1680, height: 880 })
  })

  it('has pixels wherever something is written', async () => {
    const picture = readPng(await renderChart(theFirstIncident()))
    const bare = readPng(await renderChart(aChart({ title: '', subtitle: '', lines: [], thresholds: [] })))
    expect(inkIn(picture, 20, 15, 820, 55)).toBeGreaterThan(2000)
    expect(inkIn(bare, 20, 15, 820, 55)).toBe(0)
    expect(inkIn(picture, 20, 56, 820, 82)).toBeGreaterThan(2000)
    expect(inkIn(picture, 20, 150, 70, 375)).toBeGreaterThan(500)
    expect(inkIn(picture, 80, 388, 720, 412)).toBeGreaterThan(500)
    expect(inkIn(picture, 720, 130, 820, 180)).toBeGreaterThan(500)
  })

  it('draws a character without a glyph as a box rather than nothing', async () => {
    const picture = readPng(await renderChart(aChart({ title: '日本語' })))
    expect(inkIn(picture, 20, 15, 820, 55)).toBeGreaterThan(50)
  })

  it('draws a whole day of six pods', async () => {
    const { from } = aChart()
    const lines = [0, 1, 2, 3, 4, 5].map((pod) =>
      aLine({
        role: pod === 0 ? 'subject' : 'other',
        points: Array.from({ length: 1440 }, (_, at) => [from + at * 10_000, pod * 1e8] as const),
      }),
    )
    expect(inkIn(readPng(await renderChart(aChart({ lines }))), 100, 120, 700, 380)).toBeGreaterThan(5000)
  })
})

describe('rasterise', () => {
  it('has both weights', async () => {
    const ink = async (weight: 400 | 600): Promise<number> => {
      const label = textElement(10, 60, 'inference memory', { size: 30, weight, fill: '#000000' })
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="80"><rect width="300" height="80" fill="#fff"/>${label}</svg>`
      return inkIn(readPng(await rasterise(svg)), 0, 0, 300, 80)
    }
    expect(await ink(600)).toBeGreaterThan((await ink(400)) * 1.15)
  })

  it('names the font that is missing instead of leaving out the labels', async () => {
    const nowhere = new URL('./no-fonts-here/', import.meta.url)
    await expect(rasterise('<svg xmlns="http://www.w3.org/2000/svg"/>', nowhere)).rejects.toThrow(
      /no-fonts-here.*Inter-Regular/,
    )
  })
})

describe('encodePng', () => {
  it('keeps every pixel and writes the checksums of the standard', async () => {
    const pixels = Buffer.from(Array.from({ length: 3 * 2 * 4 }, (_, index) => index * 10))
    const png = await encodePng(3, 2, pixels)
    expect(readPng(png).pixels).toEqual(pixels)
    // The checksum of an empty IEND chunk is the same in every PNG.
    expect(png.subarray(-4).toString('hex')).toBe('ae426082')
  })
})
