import { describe, expect, it } from '@jest/globals'
import { baseUrlProblem } from '../../src/config/base-url.ts'
import { type Environment, missingToServe, readEnvironment, unknownVariables } from '../../src/config/environment.ts'
import { ENVIRONMENT_VARIABLES } from '../../src/config/environment-variables.ts'
import { readNamedSecrets } from '../../src/config/secrets.ts'

const FILES: Readonly<Record<string, string>> = {
  '/run/secrets/bot': 'xoxb-from-file\n',
  '/run/secrets/empty': '\n',
  '/run/secrets/ca': '-----BEGIN CERTIFICATE-----\n',
  '/run/secrets/two-lines': 'first-half\nsecond-half\n',
}

function readFile(path: string): string {
  const content = FILES[path]
  if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  return content
}

function environment(env: NodeJS.ProcessEnv): Environment {
  const reading = readEnvironment(env, readFile)
  if (!reading.ok) throw new Error(reading.problems.join('\n'))
  return reading.environment
}

function problems(env: NodeJS.ProcessEnv): readonly string[] {
  const reading = readEnvironment(env, readFile)
  return reading.ok ? [] : reading.problems
}

const SERVING = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'shh', PAGERDUTY_WEBHOOK_SECRETS: 'one,two' }

describe('the environment', () => {
  it('needs nothing to be read: every command but serve does without secrets', () => {
    expect(environment({})).toEqual({
      alertmanager: { tokens: [] },
      config: 'incbot.yaml',
      runbooks: 'runbooks',
      dataDir: '.incbot',
      host: '127.0.0.1',
      port: 3000,
      opsPort: 9090,
      logLevel: 'info',
      slack: { apiUrl: 'https://slack.com/api/' },
      pagerduty: {
        webhookSecrets: [],
        apiUrl: 'https://api.pagerduty.com',
        eventsUrl: 'https://events.pagerduty.com',
      },
    })
  })

  it('takes every variable that the table names', () => {
    expect(
      environment({
        INCBOT_CONFIG: '/etc/incbot.yaml',
        INCBOT_RUNBOOKS: '/etc/runbooks',
        INCBOT_DATA_DIR: '/var/lib/incbot',
        HOST: '0.0.0.0',
        PORT: '0',
        OPS_PORT: '0',
        LOG_LEVEL: 'debug',
        SLACK_BOT_TOKEN: 'xoxb-1',
        SLACK_SIGNING_SECRET: 'shh',
        SLACK_APP_TOKEN: 'xapp-1',
        SLACK_API_URL: 'http://127.0.0.1:4000/api',
        PAGERDUTY_WEBHOOK_SECRETS: 'one, two,',
        PAGERDUTY_API_TOKEN: 'pd',
        PAGERDUTY_FROM: 'bot@example.com',
        PAGERDUTY_API_URL: 'http://localhost:4001/',
        PAGERDUTY_EVENTS_URL: 'http://[::1]:4002',
        ALERTMANAGER_WEBHOOK_TOKENS: 'am-one, am-two',
        KUBECONFIG: '/home/bot/.kube/config',
      }),
    ).toEqual({
      alertmanager: { tokens: ['am-one', 'am-two'] },
      config: '/etc/incbot.yaml',
      runbooks: '/etc/runbooks',
      dataDir: '/var/lib/incbot',
      host: '0.0.0.0',
      port: 0,
      opsPort: 0,
      logLevel: 'debug',
      slack: { botToken: 'xoxb-1', signingSecret: 'shh', appToken: 'xapp-1', apiUrl: 'http://127.0.0.1:4000/api/' },
      pagerduty: {
        webhookSecrets: ['one', 'two'],
        apiToken: 'pd',
        from: 'bot@example.com',
        apiUrl: 'http://localhost:4001',
        eventsUrl: 'http://[::1]:4002',
      },
      kubeconfig: '/home/bot/.kube/config',
    })
  })

  it('reads a secret from the file that *_FILE names, without its line end', () => {
    expect(environment({ SLACK_BOT_TOKEN_FILE: '/run/secrets/bot' }).slack.botToken).toBe('xoxb-from-file')
  })

  it('takes an empty variable as one that is not set', () => {
    expect(environment({ SLACK_APP_TOKEN: '', PORT: '', REDIS_URL: '' })).toMatchObject({ port: 3000, slack: {} })
  })

  it.each<[string, NodeJS.ProcessEnv, string]>([
    ['a port that is none', { PORT: '80a' }, 'PORT is "80a"; expected a port number from 0 to 65535.'],
    ['a port too high', { OPS_PORT: '70000' }, 'OPS_PORT is "70000"'],
    ['one port for both', { PORT: '9090' }, 'PORT and OPS_PORT are both 9090'],
    ['a log level that is none', { LOG_LEVEL: 'verbose' }, 'LOG_LEVEL is "verbose"; expected one of fatal'],
    ['a secret given twice', { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_BOT_TOKEN_FILE: '/x' }, 'are both set'],
    [
      'a secret file that is missing',
      { PAGERDUTY_API_TOKEN_FILE: '/x' },
      'points at /x, which cannot be read (ENOENT)',
    ],
    [
      'a secret where its file belongs, without repeating it',
      { PAGERDUTY_API_TOKEN_FILE: 'u+s3cr3t' },
      'PAGERDUTY_API_TOKEN_FILE holds no path of a file that can be read',
    ],
    ['a secret file that is empty', { PAGERDUTY_API_TOKEN_FILE: '/run/secrets/empty' }, 'which is empty'],
    ['a secret with a line end inside', { SLACK_BOT_TOKEN_FILE: '/run/secrets/two-lines' }, 'holds a space, line end'],
    ['an app token for the bot', { SLACK_BOT_TOKEN: 'xapp-1' }, 'expected the bot token, which begins with xoxb-'],
    ['a bot token for the app', { SLACK_APP_TOKEN: 'xoxb-1' }, 'expected the app-level token, which begins with xapp-'],
    ['a sender without @', { PAGERDUTY_FROM: 'bot' }, 'PAGERDUTY_FROM is no e-mail address'],
    [
      'plain http elsewhere',
      { SLACK_API_URL: 'http://slack.internal/api' },
      'SLACK_API_URL is plain http to slack.internal',
    ],
    ['a Redis that is none', { REDIS_URL: 'http://cache:6379' }, 'REDIS_URL cannot be read; expected redis://'],
    ['a prefix with braces', { REDIS_URL: 'redis://cache', REDIS_PREFIX: '{a}' }, 'REDIS_PREFIX may have letters'],
    ['a CA without Redis', { REDIS_TLS_CA: '/x' }, 'REDIS_URL is not'],
    ['a CA without TLS', { REDIS_URL: 'redis://c', REDIS_TLS_CA: '/run/secrets/ca' }, 'asks for no TLS'],
    [
      'a CA that is missing',
      { REDIS_URL: 'rediss://c', REDIS_TLS_CA: '/x' },
      'REDIS_TLS_CA points at /x, which cannot',
    ],
    [
      'a CA that is none',
      { REDIS_URL: 'rediss://c', REDIS_TLS_CA: '/run/secrets/two-lines' },
      'there is no certificate',
    ],
  ])('refuses %s', (_what, env, message) => {
    expect(problems(env).join('\n')).toContain(message)
  })

  it('tells all problems at once', () => {
    expect(problems({ PORT: 'x', LOG_LEVEL: 'x', REDIS_URL: 'redis:x' })).toHaveLength(3)
  })

  it('never repeats a secret, whatever is wrong with it', () => {
    const secret = 'hunter2'
    for (const { name } of ENVIRONMENT_VARIABLES.filter((one) => one.secret)) {
      const wrong = [
        { [name]: `xapp- ${secret}` },
        { [name]: `xox ${secret}` },
        { [name]: secret, [`${name}_FILE`]: '/x' },
      ]
      expect(wrong.flatMap(problems).join('\n')).not.toContain(secret)
    }
    expect(
      problems({ REDIS_URL: `redis://:${secret}@x:port`, SLACK_API_URL: `http://u:${secret}@x/` }).join('\n'),
    ).not.toContain(secret)
  })
})

describe('serving', () => {
  it('needs a bot token, a way for Slack and a way for PagerDuty', () => {
    expect(missingToServe(environment({})).join('\n')).toMatch(
      /SLACK_BOT_TOKEN[\s\S]*SLACK_SIGNING_SECRET[\s\S]*PAGERDUTY_WEBHOOK_SECRETS/,
    )
    expect(missingToServe(environment(SERVING))).toEqual([])
  })

  it('can do without ways in: Socket Mode and asking PagerDuty', () => {
    const env = {
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      PAGERDUTY_API_TOKEN: 'pd',
      PAGERDUTY_FROM: 'a@b.c',
    }
    expect(missingToServe(environment(env))).toEqual([])
  })

  it('needs the sender of notes where notes can be written', () => {
    expect(missingToServe(environment({ ...SERVING, PAGERDUTY_API_TOKEN: 'pd' }))).toEqual([
      expect.stringContaining('PAGERDUTY_FROM is not set'),
    ])
  })
})

describe('variables that incbot does not know', () => {
  it('are told, with what was meant', () => {
    expect(unknownVariables({ INCBOT_CONFG: 'x', INCBOT_ZZZ: 'y', PATH: '/bin' }, [])).toEqual([
      'INCBOT_CONFG is set, but incbot does not know it. Did you mean INCBOT_CONFIG?',
      'INCBOT_ZZZ is set, but incbot does not know it.',
    ])
  })

  it('are not those that incbot.yaml names', () => {
    const env = { INCBOT_GATE_TOKEN_CI: 'x', INCBOT_PROM_FILE: '/x', INCBOT_CONFIG: 'x' }
    expect(unknownVariables(env, ['INCBOT_GATE_TOKEN_CI', 'INCBOT_PROM'])).toEqual([])
  })
})

describe('secrets that incbot.yaml names', () => {
  const named = [
    { variable: 'PROM_TOKEN', usedBy: 'dataSources.metrics.tokenEnv' },
    { variable: 'CI_TOKEN', usedBy: 'gate.tokens.ci.tokenEnv' },
  ]

  it('are read by name, or from their files', () => {
    const reading = readNamedSecrets({ PROM_TOKEN: 'a', CI_TOKEN_FILE: '/run/secrets/bot' }, readFile, named)
    expect(reading).toEqual({
      ok: true,
      secrets: new Map([
        ['PROM_TOKEN', 'a'],
        ['CI_TOKEN', 'xoxb-from-file'],
      ]),
    })
  })

  it('are told when missing, with what needs them and what may have been meant', () => {
    expect(readNamedSecrets({ PROM_TOKN: 'a' }, readFile, named)).toEqual({
      ok: false,
      problems: [
        'PROM_TOKEN is not set; dataSources.metrics.tokenEnv needs it. Set PROM_TOKEN, or PROM_TOKEN_FILE to the path of a file with it. PROM_TOKN is set; is that the one?',
        'CI_TOKEN is not set; gate.tokens.ci.tokenEnv needs it. Set CI_TOKEN, or CI_TOKEN_FILE to the path of a file with it.',
      ],
    })
  })
})

describe('base URLs', () => {
  it.each([
    'https://slack.com/api/',
    'http://localhost:1',
    'http://127.0.0.1:80/x',
    'http://127.9.8.7',
    'http://[::1]:2/',
    'http://2130706433/',
  ])('%s may be used', (url) => {
    expect(baseUrlProblem('X', url)).toBeUndefined()
  })

  it.each([
    'slack.com',
    'ftp://slack.com',
    'http://slack.com',
    'http://localhost.evil.com',
    'http://127.0.0.1.evil.com',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'https://user:pw@slack.com',
    'https://slack.com/?a=b',
    'file:///etc/passwd',
  ])('%s may not', (url) => {
    expect(baseUrlProblem('X', url)).toContain('X ')
  })
})

it('the table of variables says what each means, and secrets have no default', () => {
  for (const variable of ENVIRONMENT_VARIABLES) {
    expect(variable.meaning).not.toBe('')
    expect(variable.secret && 'default' in variable).toBe(false)
  }
  expect(new Set(ENVIRONMENT_VARIABLES.map((one) => one.name)).size).toBe(ENVIRONMENT_VARIABLES.length)
})
