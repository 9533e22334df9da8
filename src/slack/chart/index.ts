import { scaleLinear } from 'd3-scale'
import type { Chart } from '../../domain/chart.ts'
import { drawTimeAxis, drawValueAxis, LOCAL_ROW, valueLabelsWidth } from './axes.ts'
import { drawable } from './drawable.ts'
import { drawEndLabels, endLabels, endLabelsWidth } from './end-labels.ts'
import { drawForecast } from './forecast.ts'
import { type Frame, HEIGHT, MARGIN, type, WIDTH } from './frame.ts'
import { drawEnds, drawLines, drawnLines } from './lines.ts'
import { CHIP_HEIGHT, drawFuture, drawMoments, drawRail, STRIP_HEIGHT } from './markers.ts'
import { obstacles } from './obstacles.ts'
import { palette } from './palette.ts'
import { planRail } from './rail.ts'
import { rasterise } from './raster.ts'
import { element, textElement } from './svg.ts'
import { shorten, wrapOnTwoLines } from './text.ts'
import { drawThresholdLabels, drawThresholdLines } from './thresholds.ts'
import { valueAxis } from './values.ts'

/**
 * The chart as a PNG of 1680 × 880 pixels, for which no browser and no installed font is needed. Everything but the description of the
 * picture happens off the event loop. Throws when the fonts of the package are missing, since the picture would then have no labels.
 */
export async function renderChart(chart: Chart): Promise<Buffer> {
  return rasterise(chartSvg(chart))
}

/**
 * The chart as an SVG document of 840 × 440. The same chart gives the same text. Texts may come from outside and contain anything;
 * values that are not numbers are gaps.
 */
export function chartSvg(chart: Chart): string {
  const shown = drawable(chart)
  const values = valueAxis(shown)
  const left = MARGIN + valueLabelsWidth(values)
  const lines = drawnLines(shown)
  const labels = endLabels(shown, lines)
  const right = WIDTH - MARGIN - endLabelsWidth(labels)
  const x = scaleLinear([shown.from, shown.to], [left, right])
  const nowX = shown.now > shown.from && x(shown.now) < right - 2 ? x(shown.now) : undefined
  const rail = planRail(shown.markers, x, nowX)

  const subtitle = wrapOnTwoLines(shown.subtitle, WIDTH - 2 * MARGIN, type.subtitle, 400)
  const chipTop = 66 + 24 * subtitle.length
  const hasChips = rail.chips.length > 0 || nowX !== undefined
  const top = chipTop + (hasChips ? CHIP_HEIGHT + 8 : 0) + (rail.ticks.length > 0 ? STRIP_HEIGHT - 6 : 0)
  const bottom = HEIGHT - 58 - (chart.timeZone === undefined ? 0 : LOCAL_ROW)
  const frame: Frame = { left, right, top, bottom, x, y: scaleLinear([values.low, values.high], [bottom, top]) }

  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}` },
    element('rect', { width: WIDTH, height: HEIGHT, fill: palette.paper }),
    drawHeading(shown.title, subtitle),
    nowX === undefined ? '' : drawFuture(nowX, chipTop, frame),
    drawValueAxis(values, frame),
    drawMoments(rail, chipTop, frame),
    drawTimeAxis(shown, frame),
    drawLines(lines, 'other', frame),
    drawThresholdLines(shown, frame),
    shown.forecast && nowX !== undefined ? drawForecast(shown.forecast, shown.now, frame) : '',
    drawLines(lines, 'subject', frame),
    drawEnds(lines, frame),
    lines.length === 0 ? drawNothing(frame) : '',
    drawRail(rail, chipTop),
    drawThresholdLabels(shown, obstacles(shown, lines, rail, frame), nowX ?? right, frame),
    drawEndLabels(labels, frame),
  )
}

function drawNothing({ left, right, top, bottom }: Frame): string {
  const style = { size: type.subtitle, fill: palette.text, anchor: 'middle' } as const
  return textElement((left + right) / 2, (top + bottom) / 2, 'no data in this period', style)
}

function drawHeading(title: string, subtitle: readonly string[]): string {
  const heading = shorten(title, WIDTH - 2 * MARGIN, type.title, 600)
  return [
    textElement(MARGIN, 44, heading, { size: type.title, weight: 600, fill: palette.ink }),
    ...subtitle.map((row, index) =>
      textElement(MARGIN, 73 + 24 * index, row, { size: type.subtitle, fill: palette.text }),
    ),
  ].join('')
}
