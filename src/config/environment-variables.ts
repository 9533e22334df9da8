/** One variable that incbot reads. `default` is absent where there is none. */
export interface EnvironmentVariable {
  readonly name: string
  readonly default?: string
  /** Secrets may also be given as a file: `<name>_FILE` holds its path. */
  readonly secret: boolean
  readonly meaning: string
}

/** Every variable that incbot reads, in the order of the README's table. */
export const ENVIRONMENT_VARIABLES = [
  { name: 'INCBOT_CONFIG', default: 'incbot.yaml', secret: false, meaning: 'Path of the configuration file' },
  { name: 'INCBOT_RUNBOOKS', default: 'runbooks', secret: false, meaning: 'Folder with the runbooks' },
  { name: 'INCBOT_DATA_DIR', default: '.incbot', secret: false, meaning: 'Folder in which incbot keeps its records' },
  {
    name: 'HOST',
    default: '127.0.0.1',
    secret: false,
    meaning: 'Address to listen on, for both ports; 0.0.0.0 in a container, so that others can reach it',
  },
  { name: 'PORT', default: '3000', secret: false, meaning: 'Port for webhooks, Slack and the deploy gate' },
  { name: 'OPS_PORT', default: '9090', secret: false, meaning: 'Port for metrics and health; not for the internet' },
  {
    name: 'LOG_LEVEL',
    default: 'info',
    secret: false,
    meaning: 'fatal, error, warn, info, debug, trace or silent',
  },
  { name: 'SLACK_BOT_TOKEN', secret: true, meaning: 'Bot token of the Slack app (xoxb-…); needed' },
  {
    name: 'SLACK_SIGNING_SECRET',
    secret: true,
    meaning: 'Signing secret of the Slack app; needed unless SLACK_APP_TOKEN is set',
  },
  {
    name: 'SLACK_APP_TOKEN',
    secret: true,
    meaning: 'App-level token (xapp-…); selects Socket Mode, in which Slack needs no way in',
  },
  {
    name: 'SLACK_API_URL',
    default: 'https://slack.com/api/',
    secret: false,
    meaning: 'Base URL of Slack’s Web API',
  },
  {
    name: 'PAGERDUTY_WEBHOOK_SECRETS',
    secret: true,
    meaning:
      'Secrets of the webhook subscription, separated by commas while they are rotated; this, PAGERDUTY_API_TOKEN or ALERTMANAGER_WEBHOOK_TOKENS is needed',
  },
  {
    name: 'ALERTMANAGER_WEBHOOK_TOKENS',
    secret: true,
    meaning: 'Tokens that Alertmanager may give, separated by commas while they are rotated',
  },
  {
    name: 'PAGERDUTY_API_TOKEN',
    secret: true,
    meaning: 'REST API token: for notes, alert labels, and incidents whose webhook never came',
  },
  {
    name: 'PAGERDUTY_FROM',
    secret: false,
    meaning: 'E-mail address of the PagerDuty user in whose name notes are written',
  },
  {
    name: 'PAGERDUTY_API_URL',
    default: 'https://api.pagerduty.com',
    secret: false,
    meaning: 'Base URL of PagerDuty’s REST API; https://api.eu.pagerduty.com in the EU region',
  },
  {
    name: 'PAGERDUTY_EVENTS_URL',
    default: 'https://events.pagerduty.com',
    secret: false,
    meaning: 'Base URL of PagerDuty’s Events API',
  },
  {
    name: 'KUBECONFIG',
    secret: false,
    meaning:
      'Path of the kubeconfig for clusters without credentials of their own; in a pod, its own account where absent',
  },
  {
    name: 'REDIS_URL',
    secret: true,
    meaning:
      'Keeps the records in Redis, so that several incbots can share them: redis://, redis+sentinel:// or redis+cluster://, with rediss for TLS',
  },
  {
    name: 'REDIS_PREFIX',
    default: 'incbot',
    secret: false,
    meaning: 'Name under which incbots share their records in Redis',
  },
  {
    name: 'REDIS_TLS_CA',
    secret: false,
    meaning: 'Path of the certificate of who signed that of Redis, where the system does not know them',
  },
] as const satisfies readonly EnvironmentVariable[]

export type VariableName = (typeof ENVIRONMENT_VARIABLES)[number]['name']

const SECRETS: ReadonlySet<string> = new Set(ENVIRONMENT_VARIABLES.filter((one) => one.secret).map((one) => one.name))

export function isSecret(name: string): boolean {
  return SECRETS.has(name)
}

export function defaultOf(name: VariableName): string | undefined {
  const variable: EnvironmentVariable | undefined = ENVIRONMENT_VARIABLES.find((one) => one.name === name)
  return variable?.default
}
