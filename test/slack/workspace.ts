import { setTimeout as pause } from 'node:timers/promises'
import type { Hold, Projection, View } from '../../src/pipeline/ports.ts'
import { type SlackStandIn, type SlackStandInOptions, startSlackStandIn } from '../../src/sandbox/slack/index.ts'
import { createSlackCall, uploadBytes } from '../../src/slack/api.ts'
import { type OutboxLimits, outboxLimits } from '../../src/slack/limits.ts'
import { createOutbox } from '../../src/slack/outbox.ts'
import { type SlackProjectionDeps, slackProjection } from '../../src/slack/projection.ts'
import { aHold } from '../fakes/hold.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { aLogger, aView } from './builders.ts'

export const botToken = 'xoxb-sandbox'
export const appToken = 'xapp-sandbox'
export const signingSecret = 'sandbox-signing-secret'

/** What the manifest asks for; a test compares the two. */
export const scopes = [
  'app_mentions:read',
  'channels:history',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:write',
  'groups:history',
  'usergroups:read',
  'users:read',
  'users:read.email',
]

/** #inference (bot in), #incidents (bot in, the fallback), #lobby (public, bot not in), #secret (private, bot not in). */
export function workspaceOptions(overrides: Partial<SlackStandInOptions> = {}): SlackStandInOptions {
  const member = { name: 'x', realName: 'X', email: '' }
  return {
    signingSecret,
    botToken,
    appToken,
    scopes,
    users: [
      { ...member, id: 'U0ADA' },
      { ...member, id: 'U0GRACE' },
    ],
    userGroups: [{ id: 'S0ONCALL', handle: 'oncall', users: ['U0GRACE'] }],
    channels: [
      { id: 'C0INFER', name: 'inference', members: ['U0ADA', 'U0GRACE'], botIsMember: true },
      { id: 'C0FALL', name: 'incidents', members: ['U0ADA'], botIsMember: true },
      { id: 'C0LOBBY', name: 'lobby', members: ['U0ADA'], botIsMember: false },
      { id: 'C0SECRET', name: 'secret', private: true, members: ['U0GRACE'], botIsMember: false },
    ],
    ...overrides,
  }
}

/** A projection on a stand-in workspace with a store in memory. */
export interface SlackWorld {
  readonly slack: SlackStandIn
  readonly projection: Projection
  readonly log: ReturnType<typeof aLogger>
  /** One run, with the deliveries that are stored. */
  readonly run: (view: Partial<View>, hold?: Hold) => Promise<'complete' | { readonly againAt: number }>
  /** Runs until it says `complete`; failures are runs too. Waits as asked for, at most `longestMs` each time. */
  readonly settle: (view: Partial<View>, longestMs?: number) => Promise<number>
  /** Another process: nothing in memory, the same store and Slack. */
  readonly restart: () => void
  stop(): Promise<void>
}

export interface WorldSetting extends Partial<SlackProjectionDeps> {
  /** How long a call may take. */
  readonly callMs?: number
  readonly limits?: OutboxLimits
  /** Stands between each process and everything outside it. */
  readonly around?: (effect: () => Promise<unknown>) => Promise<unknown>
}

/** Nothing waits: for tests that are not about waiting. */
export const unlimited: OutboxLimits = {
  channelPosts: { burst: 1e6, perSecond: 1e6, reserve: 0 },
  workspacePosts: { burst: 1e6, perSecond: 1e6, reserve: 0 },
  methods: {},
}

const MAX_RUNS = 40

export async function slackWorld(
  options: Partial<SlackStandInOptions> = {},
  setting: WorldSetting = {},
): Promise<SlackWorld> {
  const slack = await startSlackStandIn(workspaceOptions(options))
  const store = memoryStore()
  const log = aLogger()
  const now = Date.now
  const { callMs = 5_000, limits = outboxLimits, around = (effect) => effect(), ...projectionDeps } = setting
  const real = createSlackCall({ botToken, apiUrl: slack.url })
  // What goes around an effect hands its result through.
  const guarded = <T>(effect: () => Promise<T>): Promise<T> => around(effect) as Promise<T>

  function process(): Projection {
    const outbox = createOutbox({
      call: (method, args, signal) =>
        guarded(() => real(method, args, AbortSignal.any([signal, AbortSignal.timeout(callMs)]))),
      now,
      limits: () => limits,
    })
    return slackProjection({
      outbox,
      store: { saveDelivery: (delivery) => guarded(() => store.saveDelivery(delivery)) },
      upload: (url, bytes, signal) =>
        guarded(() => uploadBytes(url, bytes, AbortSignal.any([signal, AbortSignal.timeout(callMs)]))),
      renderChart: async () => Buffer.from('a picture'),
      fallbackChannel: 'C0FALL',
      now,
      log,
      ...projectionDeps,
    })
  }

  let projection = process()
  const run = async (view: Partial<View>, hold: Hold = aHold()) => {
    const whole = aView({ ...view, now: now() })
    const deliveries = await store.deliveries(whole.incident.id)
    return projection.reconcile({ ...whole, deliveries }, hold)
  }
  return {
    slack,
    get projection() {
      return projection
    },
    log,
    run,
    async settle(view, longestMs = 20) {
      for (let runs = 1; runs <= MAX_RUNS; runs += 1) {
        const result = await run(view).catch((error: unknown) => error)
        if (result === 'complete') return runs
        await pause(longestMs)
      }
      throw new Error(`Not settled after ${MAX_RUNS} runs`)
    },
    restart() {
      projection = process()
    },
    stop: () => slack.stop(),
  }
}

export async function until(holds: () => boolean, ms = 3_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it never happened')
    await pause(5)
  }
}
