import type { RecordsPlace } from '../app/audit-records.ts'
import { defaultOf } from '../config/environment-variables.ts'
import { readSecretFile } from '../config/read-files.ts'
import { readRedisEnvironment } from '../config/redis-environment.ts'
import { readSecret } from '../config/secrets.ts'

export type RecordsPlaceReading =
  | { readonly ok: true; readonly place: RecordsPlace }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Where the records are, as the environment says it: for commands that need nothing else of it. */
export function readRecordsPlace(env: NodeJS.ProcessEnv): RecordsPlaceReading {
  const dataDir = env.INCBOT_DATA_DIR ?? defaultOf('INCBOT_DATA_DIR') ?? '.incbot'
  const url = readSecret(env, readSecretFile, 'REDIS_URL')
  if (!url.ok) return { ok: false, problems: [url.problem] }
  const problems: string[] = []
  const prefix = env.REDIS_PREFIX?.trim() || defaultOf('REDIS_PREFIX') || ''
  const redis = readRedisEnvironment(
    { url: url.value, prefix, tlsCa: env.REDIS_TLS_CA?.trim() || undefined },
    readSecretFile,
    problems,
  )
  return problems.length > 0 ? { ok: false, problems } : { ok: true, place: { dataDir, ...(redis && { redis }) } }
}
