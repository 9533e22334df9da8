import { describe, expect, it } from '@jest/globals'
import { requireFitServer, type ServerFacts, safekeepingOf } from '../../src/redis/server-check.ts'

describe('a Redis server', () => {
  it.each<[string, ServerFacts, RegExp]>([
    [
      'throws away what was used least',
      { maxmemoryBytes: 1e9, maxmemoryPolicy: 'allkeys-lru' },
      /maxmemory-policy is allkeys-lru.*Set it to noeviction/,
    ],
    ['is too old', { version: '6.0.16' }, /has version 6\.0\.16; incbot needs 6\.2 or newer/],
    ['is much too old', { version: '5.4' }, /needs 6\.2/],
  ])('that %s is refused', (_what, facts, message) => {
    expect(() => requireFitServer(facts, 'Redis at cache:6379')).toThrow(message)
    expect(() => requireFitServer(facts, 'Redis at cache:6379')).toThrow(
      expect.objectContaining({ problem: 'misconfigured' }),
    )
  })

  it.each<[string, ServerFacts]>([
    ['refuses what it has no room for', { version: '7.0.15', maxmemoryBytes: 1e9, maxmemoryPolicy: 'noeviction' }],
    ['has no limit', { version: '6.2.0', maxmemoryBytes: 0, maxmemoryPolicy: 'allkeys-lru' }],
    ['says nothing', {}],
  ])('that %s is taken', (_what, facts) => {
    expect(() => requireFitServer(facts, 'Redis')).not.toThrow()
  })

  it.each<[ServerFacts, string, RegExp]>([
    [{ appendonly: true, appendfsync: 'always' }, 'info', /is on its disk/],
    [{ appendonly: true, appendfsync: 'everysec' }, 'warn', /appendfsync is everysec.*last second/],
    [{ appendonly: true }, 'warn', /not known/],
    [{ appendonly: false, save: '' }, 'error', /loses everything\. Set appendonly/],
    [{ appendonly: false, save: '3600 1' }, 'error', /since its last snapshot/],
    [{}, 'warn', /does not say/],
    [
      { appendonly: true, appendfsync: 'always', replicas: 1 },
      'warn',
      /is on its disk\..*Set min-replicas-to-write to 1/,
    ],
    [{ appendonly: false, save: '', replicas: 1 }, 'error', /Set appendonly.*Set min-replicas-to-write to 1/],
    [
      { appendonly: true, appendfsync: 'always', replicas: 1, needsReplica: true },
      'info',
      /^What was acknowledged is on its disk\.$/,
    ],
  ])('with %j is called %s', (facts, level, text) => {
    expect(safekeepingOf(facts)).toEqual({ level, text: expect.stringMatching(text) })
  })
})
