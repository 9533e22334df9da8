import { StoreError, type StoreProblem } from '../store/store-error.ts'

/** The word by which a server says what kind of error it is, such as `OOM` or `NOSCRIPT`; undefined for errors that are not a server's answer. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined
  return /^[A-Z]+(?= |$)/.exec(error.message)?.[0] ?? 'ERR'
}

/** Whether a server of a Cluster said that the key is somebody else's, and so did nothing. */
export function isRedirection(error: unknown): boolean {
  return ['MOVED', 'ASK', 'TRYAGAIN'].includes(replyCode(error) ?? '')
}

interface Explanation {
  readonly problem: StoreProblem
  readonly text: string
}

const SEE_LOGIN = 'Check the user and password in REDIS_URL.'

const ANSWERS: Readonly<Record<string, Explanation>> = {
  WRONGPASS: { problem: 'misconfigured', text: `refuses the login. ${SEE_LOGIN}` },
  NOAUTH: { problem: 'misconfigured', text: `wants a login. ${SEE_LOGIN}` },
  NOPERM: {
    problem: 'misconfigured',
    text: 'does not let this user do what incbot needs. Give it the rights that docs/operations.md lists under Redis.',
  },
  OOM: { problem: 'unavailable', text: 'is full: it has reached its `maxmemory`. Give it more memory.' },
  MISCONF: {
    problem: 'unavailable',
    text: 'cannot write to its disk, and so takes nothing in. Check its disk and its log.',
  },
  READONLY: {
    problem: 'unavailable',
    text: 'is a replica at the moment and takes nothing in. A new master is being looked for.',
  },
  NOREPLICAS: {
    problem: 'unavailable',
    text: 'has fewer replicas than its `min-replicas-to-write`, and so takes nothing in. Check its replicas.',
  },
  LOADING: { problem: 'unavailable', text: 'is reading its records from disk. It will answer when it is done.' },
  BUSY: { problem: 'unavailable', text: 'is busy with a script. Look at it with SLOWLOG.' },
  CLUSTERDOWN: {
    problem: 'unavailable',
    text: 'has no master for some of its records. Check its nodes with CLUSTER INFO.',
  },
  MASTERDOWN: { problem: 'unavailable', text: 'has lost its master. A new one is being chosen.' },
}

/** What follows from a Redis that does not do its work. */
const MEANING =
  'incbot keeps its records there. Until it works again webhooks get 503, PagerDuty sends them again for 48 hours, and nothing is started.'

/**
 * As a StoreError whose text is for people. `name` says which Redis; `lastError` is why there is no connection, where that is known: the error of
 * a call that could not be sent does not say it.
 */
export function explainedRedisError(error: unknown, name: string, lastError: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = replyCode(error) ?? replyCode(lastError)
  const known = code === undefined ? undefined : ANSWERS[code]
  const subject = name.charAt(0).toUpperCase() + name.slice(1)
  if (known) return new StoreError(known.problem, `${subject} ${known.text} ${MEANING}`, { cause: error })
  const why = code ?? errorCode(lastError) ?? errorCode(error)
  const said = replyCode(error) === undefined ? 'does not answer' : 'answered with an error'
  const text = `${subject} ${said}${why === undefined ? '' : ` (${why})`}. ${MEANING} Check that it runs and can be reached.`
  return new StoreError('unavailable', text, { cause: error })
}

/** No replica has confirmed what was written. */
export function unconfirmed(name: string): StoreError {
  return new StoreError(
    'unavailable',
    `No replica of ${name} has confirmed what was written, so it could be lost if the master died now. ${MEANING} Check its replicas.`,
  )
}

function errorCode(error: unknown): string | undefined {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error
  return isCoded && typeof error.code === 'string' ? error.code : undefined
}
