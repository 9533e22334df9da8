/** What a folder of src/ may import, besides its own files. A name ending in `.ts` is that file, any other the whole folder. */
export interface Allowance {
  readonly folder: string
  readonly mayImport: readonly string[]
  readonly because: string
}

/** Contracts: files without behaviour of their own, so that both sides of a seam may know them. */
const STORE = 'store/store.ts'
const PORTS = 'pipeline/ports.ts'
const COMMANDS = 'pipeline/commands.ts'
const CLUSTER = 'remediations/cluster.ts'

/** Imports run one way. The longest folder that a file lies in counts. */
export const HOUSE: readonly Allowance[] = [
  { folder: 'domain', mayImport: [], because: 'the decisions must be testable without anything else' },
  { folder: 'analysis', mayImport: ['domain'], because: 'it turns numbers into verdicts and fetches none' },
  {
    folder: 'checks',
    mayImport: ['domain', 'analysis', 'datasources/datasource.ts', 'config/fields.ts'],
    because: 'a check asks through the data sources’ contract and knows no product behind it',
  },
  {
    folder: 'datasources',
    mayImport: ['domain', 'config/fields.ts'],
    because: 'a data source answers questions and knows no check',
  },
  {
    folder: 'remediations',
    mayImport: ['domain', 'config/fields.ts'],
    because: 'a remediation acts through its own contract and knows no product behind it',
  },
  {
    folder: 'kubernetes',
    mayImport: [
      'domain',
      'datasources/datasource.ts',
      'remediations/remediation.ts',
      CLUSTER,
      'freeze/guard.ts',
      'freeze/admission-data.ts',
    ],
    because: 'it carries out the contracts, reading, writing and guarding a freeze, in the words that the policy reads',
  },
  {
    folder: 'config',
    mayImport: ['domain', 'checks/check.ts', 'datasources/datasource.ts', 'remediations/remediation.ts'],
    because: 'what exists is handed to it, so that adding a check changes nothing here',
  },
  {
    folder: 'pipeline',
    mayImport: [
      'domain',
      'analysis',
      'checks/check.ts',
      'config/pattern.ts',
      'datasources/datasource.ts',
      'remediations/remediation.ts',
      CLUSTER,
      STORE,
      'jobs/jobs.ts',
    ],
    because: 'it is the two paths in words, over ports; who is behind a port is for src/app to say',
  },
  { folder: 'store', mayImport: ['domain'], because: 'records are kept, not understood' },
  {
    folder: 'redis',
    mayImport: ['config/redis-url.ts', 'ops/deadline.ts', 'ops/schedule.ts', 'store/store-error.ts'],
    because: 'it holds connections and knows no record; whoever keeps something in Redis tells it what to run',
  },
  {
    folder: 'store/redis',
    mayImport: ['domain', 'redis', 'store'],
    because: 'it keeps records through connections that it did not open',
  },
  { folder: 'jobs', mayImport: [STORE, 'redis/clients.ts'], because: 'a wake-up carries no state' },
  {
    folder: 'slack',
    mayImport: ['domain', PORTS, COMMANDS, STORE, 'ops/believed.ts'],
    because:
      'Slack is a projection of the record, its people use the same commands as everybody, and what it says about them is believed as long as what others say',
  },
  {
    folder: 'pagerduty',
    mayImport: ['domain', PORTS, COMMANDS, STORE, 'ops/believed.ts', 'ops/schedule.ts'],
    because: 'it hands events in, writes notes out and says who is on call',
  },
  {
    folder: 'alertmanager',
    mayImport: ['domain', PORTS, COMMANDS, 'pagerduty/schema.ts', 'pagerduty/text.ts'],
    because: 'it hands alerts in, and reads what comes from outside as the other way in does',
  },
  {
    folder: 'freeze',
    mayImport: ['domain', PORTS, STORE, 'config/did-you-mean.ts', 'ops/deadline.ts'],
    because: 'the gate answers from the store alone, so that it works while everything else does not',
  },
  {
    folder: 'http',
    mayImport: [
      PORTS,
      'alertmanager/notification.ts',
      'alertmanager/webhook-route.ts',
      'freeze/gate.ts',
      'pagerduty/event.ts',
      'pagerduty/webhook-route.ts',
    ],
    because: 'it knows what it exposes',
  },
  {
    folder: 'ops',
    mayImport: [
      PORTS,
      STORE,
      'jobs/jobs.ts',
      'http/route.ts',
      'http/server.ts',
      'freeze/gate.ts',
      'datasources/guard/meter.ts',
      'pagerduty/sweep.ts',
      'slack/meter.ts',
    ],
    because: 'it knows the meters that it fills, and the server that it shows them on',
  },
  {
    folder: 'app',
    mayImport: [
      'domain',
      'alertmanager',
      'checks',
      'config',
      'datasources',
      'freeze',
      'http',
      'jobs',
      'kubernetes',
      'ops',
      'pagerduty',
      'pipeline',
      'redis',
      'remediations',
      'slack',
      'store',
    ],
    because: 'it is the one place that joins everything',
  },
  {
    folder: 'cli',
    mayImport: ['domain', 'app', 'config', 'analysis/memory/index.ts', 'freeze/admission-policy.ts'],
    because:
      'a command starts the app or a part of it and prints what comes back; how parts are joined is said in src/app',
  },
  {
    folder: 'cli/demo',
    mayImport: ['sandbox/world/index.ts', 'sandbox/slack/index.ts'],
    because: 'the demo plays a world against the bot as a process of its own and sees only what the world sees',
  },
  {
    folder: 'sandbox',
    mayImport: [],
    because: 'a stand-in that shares code with the bot shares its mistakes',
  },
  { folder: 'main.ts', mayImport: ['cli/index.ts'], because: 'it only starts the process' },
]

/** Where each npm package may be imported. One folder per vendor, so that a change of theirs is a change of one folder of ours. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@bufbuild/cel': ['sandbox/kubernetes/admission'],
  '@kubernetes/client-node': ['kubernetes'],
  '@lezer/common': ['sandbox/prometheus'],
  '@lezer/lr': ['config', 'sandbox/prometheus'],
  '@pagerduty/pdjs': ['pagerduty'],
  '@prometheus-io/lezer-promql': ['config', 'sandbox/prometheus'],
  '@resvg/resvg-js': ['slack/chart'],
  '@slack/bolt': ['slack'],
  '@slack/types': ['slack'],
  '@slack/web-api': ['slack'],
  bullmq: ['jobs/bullmq'],
  commander: ['cli'],
  'd3-scale': ['slack/chart'],
  'd3-shape': ['slack/chart'],
  'd3-time': ['slack/chart'],
  'fastest-levenshtein': ['config', 'slack/commands'],
  'find-my-way': ['http', 'sandbox'],
  ioredis: ['redis'],
  libsql: ['store/sqlite'],
  'node-cron': ['ops'],
  pino: ['ops'],
  'prom-client': ['ops'],
  'p-limit': ['pipeline'],
  re2js: ['config'],
  undici: ['datasources'],
  ws: ['sandbox/slack'],
  yaml: ['cli', 'config', 'sandbox/kubernetes', 'sandbox/world'],
  zod: [
    'alertmanager',
    'checks',
    'cli',
    'config',
    'datasources',
    'pagerduty',
    'remediations',
    'sandbox',
    'slack',
    'store/transfer',
  ],
}

/** Folders that compute and nothing else: no packages, no parts of Node, no clock, no chance. */
export const PURE: readonly string[] = ['domain', 'analysis']

/** Where the environment may be read. Everything else is told. */
export const ENTRY_POINTS: readonly string[] = ['main.ts', 'cli']
