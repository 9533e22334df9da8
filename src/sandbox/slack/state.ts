import { FileStore } from './file-store.ts'
import { ResponseUrls } from './response-urls.ts'
import { Triggers } from './triggers.ts'
import type { SlackEphemeral, SlackStandInOptions } from './types.ts'
import { ViewStore } from './view-store.ts'
import { Workspace } from './workspace.ts'

/** Everything that the stand-in remembers; Web API methods and people act upon it. */
export interface SlackState {
  readonly options: SlackStandInOptions
  readonly workspace: Workspace
  readonly files: FileStore
  readonly views: ViewStore
  readonly triggers: Triggers
  readonly responseUrls: ResponseUrls
  readonly ephemerals: SlackEphemeral[]
  /** Address of the server without a path; set once it listens. */
  baseUrl: string
  /** Hands out one-time web socket addresses. */
  openConnection: () => string
}

export function createState(options: SlackStandInOptions): SlackState {
  const workspace = new Workspace(options)
  return {
    options,
    workspace,
    files: new FileStore(workspace, options.fileProcessingMs ?? 100),
    views: new ViewStore(workspace),
    triggers: new Triggers(workspace.now),
    responseUrls: new ResponseUrls(workspace.now),
    ephemerals: [],
    baseUrl: '',
    openConnection: () => '',
  }
}

/** Shows a message to one person. Returns its ts, which chat.update cannot use. */
export function showEphemeral(
  { workspace, ephemerals }: SlackState,
  shown: {
    readonly channel: string
    readonly user: string
    readonly text: string
    readonly blocks?: readonly unknown[] | undefined
    readonly threadTs?: string | undefined
  },
): string {
  const { channel, user, text, blocks, threadTs } = shown
  const ephemeral: SlackEphemeral = {
    ts: workspace.nextTs(),
    channel,
    user,
    text,
    at: workspace.now(),
    ...(blocks && blocks.length > 0 && { blocks }),
    ...(threadTs !== undefined && { threadTs }),
  }
  ephemerals.push(ephemeral)
  workspace.emit({ type: 'ephemeral', channel, ephemeral, at: ephemeral.at })
  return ephemeral.ts
}
