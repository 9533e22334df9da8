import { describe, expect, it } from '@jest/globals'
import { planRail } from '../../../src/slack/chart/rail.ts'
import { theFirstIncident } from './charts.ts'

const asIs = (at: number): number => at

describe('planRail', () => {
  it('names deploys that have room beside each other', () => {
    const rail = planRail([aDeploy(200, 'v1'), aDeploy(500, 'v2')], asIs, 700)
    expect(rail.chips).toMatchObject([
      { label: 'v1', middle: 200, moment: 200 },
      { label: 'v2', middle: 500, moment: 500 },
    ])
    expect(rail.ticks).toEqual([])
    expect(rail.nowMiddle).toBe(700)
  })

  it('says 47 deploys once, marks each by a tick and still names the one restart', () => {
    const { markers, from, to } = theFirstIncident()
    const rail = planRail(markers, (at) => 80 + ((at - from) / (to - from)) * 600, undefined)
    expect(rail.chips.map(({ label }) => label)).toEqual(['restart 23:58', '47 deploys'])
    expect(rail.ticks).toHaveLength(47)
    expect(rail.ticks.every(({ kind }) => kind === 'deploy')).toBe(true)
  })

  it('sums up deploys whose names would stand away from their moments', () => {
    const close = [0, 1, 2, 3].map((index) => aDeploy(300 + index, `deploy v1.8.${index}`))
    const rail = planRail(close, asIs, undefined)
    expect(rail.chips).toMatchObject([{ label: '4 deploys' }])
  })

  it('keeps the name of a marker that alone is of its kind, even if it has to stand aside', () => {
    const rail = planRail([aDeploy(300, 'deploy v1.8.2'), { kind: 'restart', at: 301, label: 'OOMKilled' }], asIs, 302)
    expect(rail.chips.map(({ label }) => label).sort()).toEqual(['OOMKilled', 'deploy v1.8.2'])
  })

  it('counts every deploy but draws one tick where several share a pixel', () => {
    const rail = planRail(
      Array.from({ length: 100_000 }, () => aDeploy(300, 'x')),
      asIs,
      undefined,
    )
    expect(rail.chips).toMatchObject([{ label: '100000 deploys' }])
    expect(rail.ticks).toEqual([{ kind: 'deploy', x: 300 }])
  })

  it('moves a chip aside rather than cover the word now', () => {
    const rail = planRail([aDeploy(690, 'deploy v1.8.3')], asIs, 700)
    const [chip] = rail.chips
    expect((chip?.middle ?? 0) + (chip?.width ?? 0) / 2).toBeLessThan((rail.nowMiddle ?? 0) - 10)
  })
})

function aDeploy(at: number, label: string) {
  return { kind: 'deploy', at, label } as const
}
