import { baseUrlProblem } from './base-url.ts'
import { nearest } from './did-you-mean.ts'
import { defaultOf, ENVIRONMENT_VARIABLES, isSecret, type VariableName } from './environment-variables.ts'
import { type RedisEnvironment, readRedisEnvironment } from './redis-environment.ts'
import { type ReadFile, readSecret } from './secrets.ts'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** What incbot was told by its environment. Secrets that a command does not need may be absent. */
export interface Environment {
  readonly config: string
  readonly runbooks: string
  readonly dataDir: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly opsPort: number
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly slack: {
    readonly botToken?: string
    readonly signingSecret?: string
    /** Its presence selects Socket Mode. */
    readonly appToken?: string
    /** Ends with a slash, as Slack's client wants it. */
    readonly apiUrl: string
  }
  readonly pagerduty: {
    /** All that are valid now. Empty: webhooks are refused. */
    readonly webhookSecrets: readonly string[]
    readonly apiToken?: string
    readonly from?: string
    /** Without a slash at the end; so is `eventsUrl`. */
    readonly apiUrl: string
    readonly eventsUrl: string
  }
  readonly alertmanager: {
    /** All that are valid now. Empty: notifications are refused. */
    readonly tokens: readonly string[]
  }
  readonly kubeconfig?: string
  /** Keeps the records in place of `dataDir`. */
  readonly redis?: RedisEnvironment
}

export type EnvironmentReading =
  | { readonly ok: true; readonly environment: Environment }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads every variable of `ENVIRONMENT_VARIABLES`; all problems come at once, and none holds a secret. */
export function readEnvironment(env: NodeJS.ProcessEnv, readFile: ReadFile): EnvironmentReading {
  const problems: string[] = []
  const get = (name: VariableName): string | undefined => {
    if (!isSecret(name)) return env[name]?.trim() || defaultOf(name)
    const reading = readSecret(env, readFile, name)
    if (!reading.ok) problems.push(reading.problem)
    return reading.ok ? reading.value : undefined
  }
  const required = (name: VariableName): string => get(name) ?? ''
  const port = (name: 'PORT' | 'OPS_PORT'): number => {
    const text = required(name)
    if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
    problems.push(`${name} is ${JSON.stringify(text)}; expected a port number from 0 to 65535.`)
    return 0
  }
  const baseUrl = (name: VariableName): string => {
    const text = required(name)
    const problem = baseUrlProblem(name, text)
    if (problem !== undefined) problems.push(problem)
    return text.replace(/\/+$/, '')
  }
  const redis = readRedisEnvironment(
    { url: get('REDIS_URL'), prefix: required('REDIS_PREFIX'), tlsCa: get('REDIS_TLS_CA') },
    readFile,
    problems,
  )
  const environment: Environment = {
    config: required('INCBOT_CONFIG'),
    runbooks: required('INCBOT_RUNBOOKS'),
    dataDir: required('INCBOT_DATA_DIR'),
    host: required('HOST'),
    port: port('PORT'),
    opsPort: port('OPS_PORT'),
    logLevel: logLevel(required('LOG_LEVEL'), problems),
    slack: {
      ...optional('botToken', get('SLACK_BOT_TOKEN')),
      ...optional('signingSecret', get('SLACK_SIGNING_SECRET')),
      ...optional('appToken', get('SLACK_APP_TOKEN')),
      apiUrl: `${baseUrl('SLACK_API_URL')}/`,
    },
    pagerduty: {
      webhookSecrets: list(get('PAGERDUTY_WEBHOOK_SECRETS')),
      ...optional('apiToken', get('PAGERDUTY_API_TOKEN')),
      ...optional('from', get('PAGERDUTY_FROM')),
      apiUrl: baseUrl('PAGERDUTY_API_URL'),
      eventsUrl: baseUrl('PAGERDUTY_EVENTS_URL'),
    },
    alertmanager: { tokens: list(get('ALERTMANAGER_WEBHOOK_TOKENS')) },
    ...optional('kubeconfig', get('KUBECONFIG')),
    ...(redis && { redis }),
  }
  problems.push(...combinationProblems(environment))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, environment }
}

/** Secrets of which several are valid at once. */
function list(text = ''): readonly string[] {
  return text
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '')
}

function logLevel(text: string, problems: string[]): Environment['logLevel'] {
  const level = LOG_LEVELS.find((one) => one === text)
  if (level !== undefined) return level
  problems.push(`LOG_LEVEL is ${JSON.stringify(text)}; expected one of ${LOG_LEVELS.join(', ')}.`)
  return 'info'
}

/** Tokens in each other's place are the commonest slip, and Slack's answer to it ("not_allowed_token_type") helps nobody. */
function combinationProblems({ port, opsPort, slack, pagerduty }: Environment): string[] {
  const problems: string[] = []
  if (port !== 0 && port === opsPort) problems.push(`PORT and OPS_PORT are both ${port}; give them different ports.`)
  if (slack.botToken !== undefined && /^(xapp|xoxp)-/.test(slack.botToken)) {
    problems.push('SLACK_BOT_TOKEN is a token of another kind; expected the bot token, which begins with xoxb-.')
  }
  if (slack.appToken?.startsWith('xox')) {
    problems.push('SLACK_APP_TOKEN is a token of another kind; expected the app-level token, which begins with xapp-.')
  }
  if (pagerduty.from !== undefined && !/^[^\s@]+@[^\s@]+$/.test(pagerduty.from)) {
    problems.push('PAGERDUTY_FROM is no e-mail address; expected that of a PagerDuty user.')
  }
  return problems
}

function optional<Key extends string>(key: Key, value: string | undefined): { readonly [key in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [key in Key]: string }) // a computed key loses its name in TypeScript
}

/** What is missing to serve: other commands do without. Empty where nothing is. */
export function missingToServe({ slack, pagerduty, alertmanager }: Environment): string[] {
  const problems: string[] = []
  if (slack.botToken === undefined)
    problems.push('SLACK_BOT_TOKEN is not set; it is the bot token of the Slack app (xoxb-…).')
  if (slack.signingSecret === undefined && slack.appToken === undefined) {
    problems.push('Set SLACK_SIGNING_SECRET (Slack calls incbot) or SLACK_APP_TOKEN (Socket Mode: incbot calls Slack).')
  }
  const nobodyTells = pagerduty.webhookSecrets.length === 0 && alertmanager.tokens.length === 0
  if (nobodyTells && pagerduty.apiToken === undefined) {
    problems.push(
      'Set PAGERDUTY_WEBHOOK_SECRETS (PagerDuty calls incbot), PAGERDUTY_API_TOKEN (incbot asks PagerDuty), ' +
        'ALERTMANAGER_WEBHOOK_TOKENS (Alertmanager calls incbot), or several of them.',
    )
  }
  if (pagerduty.apiToken !== undefined && pagerduty.from === undefined) {
    problems.push(
      'PAGERDUTY_FROM is not set; PagerDuty takes notes only in the name of a user. Set it to that user’s e-mail address.',
    )
  }
  return problems
}

/** Variables that look like incbot's but are none, so that a slip does not pass unnoticed. `named` are those that incbot.yaml names. */
export function unknownVariables(env: NodeJS.ProcessEnv, named: readonly string[]): string[] {
  const known = [...ENVIRONMENT_VARIABLES.flatMap((one) => (one.secret ? [one.name, `${one.name}_FILE`] : [one.name]))]
  const allowed = new Set<string>([...known, ...named, ...named.map((name) => `${name}_FILE`)])
  return Object.keys(env)
    .filter((name) => name.startsWith('INCBOT_') && !allowed.has(name))
    .map((name) => {
      const didYouMean = nearest(name, allowed)
      return `${name} is set, but incbot does not know it${didYouMean === undefined ? '.' : `. Did you mean ${didYouMean}?`}`
    })
}
