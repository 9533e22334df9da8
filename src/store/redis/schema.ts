import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { StoreError } from '../store-error.ts'
import type { Keys } from './keys.ts'
import { optionalText, textOf } from './replies.ts'

/** Lua that brings the layout from one version to the next, with the key that `schema` names as KEYS[1]. A released one is never edited. */
const MIGRATIONS: readonly string[] = ['']

/** The version of this incbot's layout. */
export const LAYOUT = MIGRATIONS.length

/** Stands in place of the version, with a name behind it, while records are imported: an incbot of any version refuses it. */
export const IMPORTING = 'importing:'

/** Redis runs a script to its end before anything else, so that a step is made once, by whichever replica of incbot comes first. */
const step = (lua: string) =>
  script(`
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
${lua}
redis.call('SET', KEYS[1], ARGV[2])
return 1`)

/** Brings the layout up to this incbot's. Throws, and changes nothing, when a later incbot wrote it. */
export async function migrate(
  redis: RedisConnection,
  keys: Pick<Keys, 'schema'>,
  migrations: readonly string[] = MIGRATIONS,
): Promise<void> {
  for (;;) {
    const current = await requireKnownSchema(redis, keys, migrations.length)
    const migration = migrations[current]
    if (migration === undefined) return
    textOf(await redis.runConfirmed(step(migration), [keys.schema], [current, current + 1]))
  }
}

/** The layout's version. Throws when a later incbot wrote it, and while records are imported. */
export async function requireKnownSchema(
  redis: RedisConnection,
  { schema }: Pick<Keys, 'schema'>,
  newest: number = MIGRATIONS.length,
): Promise<number> {
  const text = optionalText(await redis.call('GET', schema)) ?? '0'
  if (/^\d{1,9}$/.test(text)) {
    const current = Number(text)
    if (current > newest) throw newer(redis.name, current, newest)
    return current
  }
  if (text.startsWith(IMPORTING)) throw halfImported(redis.name)
  throw new StoreError(
    'not-a-store',
    `${redis.name} has something under the key ${schema} that incbot did not write. Choose another REDIS_PREFIX, or another database.`,
  )
}

function newer(name: string, current: number, newest: number): StoreError {
  return new StoreError(
    'newer-schema',
    `The records in ${name} have schema version ${current}, and this incbot knows versions up to ${newest}. ` +
      'A later incbot wrote them; they were left as they are. Run that version again, or choose another REDIS_PREFIX.',
  )
}

function halfImported(name: string): StoreError {
  return new StoreError(
    'half-imported',
    `The records in ${name} are half imported: an import is under way, or was cut off. If none is under way, run \`incbot store import\` or ` +
      '`incbot store migrate` again: it begins anew. Or choose another REDIS_PREFIX.',
  )
}
