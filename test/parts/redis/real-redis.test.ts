import { expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { startRealRedis } from './real-redis.ts'

it('keeps what was acknowledged over its own death', async () => {
  const redis = await startRealRedis({ config: { appendfsync: 'always' } })
  const client = new Redis(redis.url, { maxRetriesPerRequest: null })
  try {
    await client.set('kept', 'yes')
    await redis.kill()
    await redis.start()
    expect(await client.get('kept')).toBe('yes')
  } finally {
    client.disconnect()
    await redis.stop()
  }
})
