import { describe, expect, it } from '@jest/globals'
import type { RolloutPod } from '../../src/remediations/cluster.ts'
import { remainingMs } from '../../src/remediations/progress.ts'
import { troubleOf } from '../../src/remediations/trouble.ts'
import { blastRadius, count, durationText, figure, names, sentence } from '../../src/remediations/words.ts'

describe('words', () => {
  it.each([
    [0, '0 s'],
    [1_499, '1 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [5_400_000, '90 min'],
    [7_200_000, '2 h'],
  ])('say %d ms as %s', (ms, text) => expect(durationText(ms)).toBe(text))

  it.each([
    [420, '420'],
    [1_684.2, '1,680'],
    [0.0512, '0.0512'],
    [0.333_333, '0.333'],
    [0, '0'],
  ])('give %d no digits that nobody measured: %s', (value, text) => expect(figure(value)).toBe(text))

  it('count, list and end as people do', () => {
    expect([count(0, 'pod'), count(1, 'pod'), count(2, 'pod')]).toEqual(['0 pods', '1 pod', '2 pods'])
    expect(names(['a', 'b', 'c'], 3)).toBe('a, b, c')
    expect(names(['a', 'b', 'c', 'd', 'e'], 3)).toBe('a, b, c and 2 more')
    expect(['done', 'done.', 'done?'].map(sentence)).toEqual(['done.', 'done.', 'done?'])
  })

  it('leave out of a dialog what there is no room for, whole clauses at a time', () => {
    expect(blastRadius('Restarts it', ['capacity falls', 'x'.repeat(230), 'nobody notices'])).toBe(
      'Restarts it; capacity falls; nobody notices.',
    )
    expect(blastRadius('y'.repeat(300), [])).toBe(`${'y'.repeat(249)}…`)
  })
})

describe('how long is left', () => {
  it.each([
    ['by its pace', { done: 3, total: 12, elapsedMs: 30_000, estimateMs: 1_000 }, 90_000],
    ['by the estimate before there is a pace', { done: 0, total: 12, elapsedMs: 30_000, estimateMs: 90_000 }, 60_000],
    ['by nothing once the estimate is over', { done: 0, total: 12, elapsedMs: 90_000, estimateMs: 90_000 }, undefined],
    ['by nothing without an estimate', { done: 0, total: 12, elapsedMs: 1_000, estimateMs: undefined }, undefined],
    ['by what came since', { done: 5, total: 6, from: 3, elapsedMs: 30_000, estimateMs: undefined }, 15_000],
    ['no longer at its end', { done: 6, total: 6, elapsedMs: 30_000, estimateMs: 90_000 }, undefined],
  ])('is told %s', (_, distance, left) => expect(remainingMs(distance)).toBe(left))
})

describe('trouble', () => {
  const aPod = (change: Partial<RolloutPod>): RolloutPod => ({
    name: 'web-1',
    uid: 'pod-1',
    state: 'starting',
    restarts: 0,
    trouble: undefined,
    ...change,
  })

  it.each<[Partial<RolloutPod>, string | undefined]>([
    [{}, undefined],
    [{ state: 'ready' }, undefined],
    [{ state: 'starting', trouble: 'Unschedulable' }, undefined],
    [{ state: 'old', trouble: 'OOMKilled', restarts: 9 }, undefined],
    [{ state: 'stopping', trouble: 'OOMKilled' }, undefined],
    [
      { state: 'ready', trouble: 'OOMKilled', restarts: 1 },
      'web-1 is new and was killed for memory (OOMKilled, 1 restart so far).',
    ],
    [
      { state: 'failing', trouble: 'CrashLoopBackOff', restarts: 4 },
      'web-1 is new and crashes again and again (CrashLoopBackOff, 4 restarts so far).',
    ],
    [{ state: 'failing', trouble: 'ErrImagePull' }, 'web-1 is new and cannot get its image (ErrImagePull).'],
    [{ state: 'failing', trouble: 'SomethingNew' }, 'web-1 is new and does not come up (SomethingNew).'],
    [{ state: 'failing' }, 'web-1 is new and does not come up.'],
  ])('of %j is %j', (change, text) => expect(troubleOf([aPod(change)])).toBe(text))
})
