import type { StoredFile } from '../file-store.ts'
import type { SlackState } from '../state.ts'
import { identity } from '../workspace.ts'

const mimetypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  json: 'application/json',
  csv: 'text/csv',
}

/** A file object. Until processing ends, `mimetype` is empty: the documented way to see that it is not usable yet. */
export function fileView(state: SlackState, file: StoredFile): Readonly<Record<string, unknown>> {
  const extension = file.name.split('.').at(-1)?.toLowerCase() ?? ''
  const processed = state.files.isProcessed(file)
  const channel = file.channel === undefined ? undefined : state.workspace.channels.get(file.channel)
  const privately = `${state.baseUrl}/files-pri/${identity.teamId}-${file.id}/${encodeURIComponent(file.name)}`
  return {
    id: file.id,
    created: Math.floor((file.completedAt ?? state.workspace.now()) / 1000),
    name: file.name,
    title: file.title ?? file.name,
    mimetype: processed ? (mimetypes[extension] ?? 'application/octet-stream') : '',
    filetype: processed ? extension : '',
    user: identity.userId,
    size: file.lengthBytes,
    mode: 'hosted',
    is_external: false,
    is_public: channel?.isPrivate === false,
    url_private: privately,
    permalink: file.permalink,
    ...(file.altText !== undefined && { alt_txt: file.altText }),
    channels: channel && !channel.isPrivate ? [channel.id] : [],
    groups: channel?.isPrivate ? [channel.id] : [],
    ims: [],
  }
}
