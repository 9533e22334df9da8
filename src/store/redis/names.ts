import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import type { Keys } from './keys.ts'
import { listOf, textOf, textsOf } from './replies.ts'

/** In a Cluster a plain SCAN would ask any server; a script goes to the one that has KEYS[1]. */
const SCAN = script(`return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])`)
const AT_ONCE = 1_000

/** Names of all keys that begin with `beginning`, in pieces and in no order; one may come twice. */
export async function* keysWith(
  redis: RedisConnection,
  { schema }: Pick<Keys, 'schema'>,
  beginning: string,
): AsyncGenerator<readonly string[], void, undefined> {
  let cursor = '0'
  do {
    const [next, found] = listOf(await redis.run(SCAN, [schema], [cursor, `${beginning}*`, AT_ONCE]))
    cursor = textOf(next)
    const names = textsOf(found)
    if (names.length > 0) yield names
  } while (cursor !== '0')
}

/** What follows `beginning` in the names of keys, each once, in the order of their bytes. */
export async function partsBehind(
  redis: RedisConnection,
  keys: Pick<Keys, 'schema'>,
  beginning: string,
): Promise<readonly string[]> {
  const parts = new Set<string>()
  for await (const names of keysWith(redis, keys, beginning))
    for (const name of names) parts.add(name.slice(beginning.length))
  return byBytes([...parts])
}

/** As Redis and SQLite compare texts; JavaScript compares UTF-16, which is another order beyond the basic plane. */
export function byBytes(texts: readonly string[]): readonly string[] {
  return texts.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
}
