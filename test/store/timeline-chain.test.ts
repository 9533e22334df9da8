import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { RecordedTimelineEntry } from '../../src/domain/timeline.ts'
import { chainEntries, FIRST_PREVIOUS_HASH, verifyTimeline } from '../../src/store/timeline-chain.ts'
import { anEntry } from '../contract/records.ts'

const chain = (...texts: readonly string[]): RecordedTimelineEntry[] => [
  ...chainEntries(
    undefined,
    texts.map((text) => ({ ...anEntry(text), data: { text, list: [1, undefined] } })),
  ),
]

describe('a timeline', () => {
  it('hashes each entry after the hash before it, in a form that anyone can recompute', () => {
    const [first, second] = chainEntries(undefined, [
      { at: 1, actor: 'incbot', type: 'opened', text: 'one' },
      { at: 2, actor: 'U1', type: 'clicked', text: 'two', data: { b: 1, a: 2 } },
    ])
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    expect(first?.hash).toBe(
      sha256(`${FIRST_PREVIOUS_HASH}{"actor":"incbot","at":1,"sequence":1,"text":"one","type":"opened"}`),
    )
    expect(second?.hash).toBe(
      sha256(`${first?.hash}{"actor":"U1","at":2,"data":{"a":2,"b":1},"sequence":2,"text":"two","type":"clicked"}`),
    )
  })

  it('is whole as recorded, in one go or in several, and when empty', () => {
    const all = chain('one', 'two', 'three')
    expect(verifyTimeline(all)).toEqual({ ok: true })
    expect(verifyTimeline([])).toEqual({ ok: true })
    const start = chain('one')
    const rest = chainEntries(
      start.at(-1),
      all.slice(1).map(({ at, actor, type, text, data }) => ({ at, actor, type, text, ...(data && { data }) })),
    )
    expect([...start, ...rest]).toEqual(all)
  })

  it.each<[string, number, (entries: RecordedTimelineEntry[]) => unknown]>([
    ['a changed text', 2, (all) => all.splice(1, 1, { ...all[1], text: 'never' } as RecordedTimelineEntry)],
    ['a missing entry', 2, (all) => all.splice(1, 1)],
    ['a missing first entry', 1, (all) => all.shift()],
    ['two exchanged entries', 1, (all) => all.splice(0, 2, ...all.slice(0, 2).reverse())],
    ['a doubled entry', 3, (all) => all.splice(2, 0, ...all.slice(1, 2))],
    ['an added entry', 4, (all) => all.push(...chainEntries(undefined, [anEntry('forged')]))],
    [
      'a chain that was forged from another number on',
      1,
      (all) => all.splice(0, 3, ...chainEntries({ sequence: 1, hash: FIRST_PREVIOUS_HASH }, [anEntry()])),
    ],
    ['data taken away', 3, (all) => all.splice(2, 1, ...chainEntries(all[0], [anEntry('three')]))],
  ])('shows %s', (_what, at, change) => {
    const entries = chain('one', 'two', 'three')
    change(entries)
    expect(verifyTimeline(entries)).toEqual({ ok: false, at })
  })

  it('shows any change of any field', () => {
    const fields = ['at', 'actor', 'type', 'text', 'data', 'sequence', 'previousHash', 'hash'] as const
    fc.assert(
      fc.property(fc.nat({ max: 2 }), fc.constantFrom(...fields), fc.string(), (index, field, value) => {
        const entries = chain('one', 'two', 'three').map((entry, position) =>
          position === index ? { ...entry, [field]: `${value}!` } : entry,
        )
        // The changed entry breaks its type on purpose: that is what a forger would do.
        expect(verifyTimeline(entries as RecordedTimelineEntry[])).toEqual({ ok: false, at: index + 1 })
      }),
    )
  })
})
