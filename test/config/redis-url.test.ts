import { describe, expect, it } from '@jest/globals'
import { type RedisAddress, readRedisUrl, redisName } from '../../src/config/redis-url.ts'

describe('REDIS_URL', () => {
  it.each<[string, RedisAddress, string]>([
    ['redis://cache', { kind: 'single', tls: false, at: { host: 'cache', port: 6379 }, db: 0 }, 'Redis at cache:6379'],
    [
      'rediss://incbot:p%40ss%3A%2F@cache.internal:6380/3',
      {
        kind: 'single',
        tls: true,
        username: 'incbot',
        password: 'p@ss:/',
        at: { host: 'cache.internal', port: 6380 },
        db: 3,
      },
      'Redis at cache.internal:6380',
    ],
    [
      'redis://:secret@[::1]:7000/',
      { kind: 'single', tls: false, password: 'secret', at: { host: '::1', port: 7000 }, db: 0 },
      'Redis at ::1:7000',
    ],
    [
      'redis+sentinel://:secret@h1,h2:26380/main/2',
      {
        kind: 'sentinel',
        tls: false,
        password: 'secret',
        sentinels: [
          { host: 'h1', port: 26_379 },
          { host: 'h2', port: 26_380 },
        ],
        master: 'main',
        db: 2,
      },
      'the Redis master main of the Sentinels at h1:26379, h2:26380',
    ],
    [
      'rediss+cluster://h1:7000,h2:7001',
      {
        kind: 'cluster',
        tls: true,
        nodes: [
          { host: 'h1', port: 7000 },
          { host: 'h2', port: 7001 },
        ],
      },
      'the Redis Cluster at h1:7000, h2:7001',
    ],
  ])('%s is understood', (url, address, name) => {
    expect(readRedisUrl(url)).toEqual(address)
    expect(redisName(address)).toBe(name)
  })

  it.each([
    ['cache:6379', 'expected redis://'],
    ['redis:///0', 'expected redis://'],
    ['redis://cache?db=1', 'expected redis://'],
    ['redis://:pass@word@cache', 'expected redis://'],
    ['redis://:100%@cache', 'is not percent-encoded'],
    ['redis://h1,h2', 'several hosts'],
    ['redis://cache:0', 'A host in REDIS_URL'],
    ['redis://cache:70000', 'A host in REDIS_URL'],
    ['redis://cache/a', 'The database in REDIS_URL'],
    ['redis+sentinel://h1:26379', 'not their master'],
    ['redis+sentinel://h1/main/x', 'The database in REDIS_URL'],
    ['redis+cluster://h1/1', 'has only one'],
  ])('%s is refused with what to do', (url, message) => {
    expect(readRedisUrl(url)).toContain(message)
  })
})
