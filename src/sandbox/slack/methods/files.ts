import { z } from 'zod'
import { id, integer, json, text, ts } from '../arguments.ts'
import { asSlackFile, type StoredFile } from '../file-store.ts'
import { addMessage } from '../messages.ts'
import { type Method, method } from '../method.ts'
import { MethodRefusal, refusalWithMessages } from '../refusal.ts'
import { identity } from '../workspace.ts'
import { fileView } from './file-view.ts'

const altTextMaxChars = 1000

export const fileMethods: readonly Method[] = [
  method({
    name: 'files.getUploadURLExternal',
    tier: 4,
    scopes: ['files:write'],
    args: {
      filename: text,
      length: integer,
      alt_txt: text.optional(),
      alt_text: text.optional(),
      snippet_type: text.optional(),
    },
    run: (args, { files, baseUrl }) => {
      if (args.alt_text !== undefined)
        throw refusalWithMessages('invalid_arguments', [
          'alt_text is what @slack/web-api sends, but Slack documents alt_txt and drops anything else: the description would be lost',
        ])
      if (args.length <= 0) throw new MethodRefusal('missing_argument')
      if ((args.alt_txt ?? '').length > altTextMaxChars) throw new MethodRefusal('alt_txt_too_large')
      const file = files.announce(args.filename, args.length, args.alt_txt)
      return { upload_url: `${baseUrl}/upload/v1/${file.uploadToken}`, file_id: file.id }
    },
  }),
  method({
    name: 'files.completeUploadExternal',
    tier: 4,
    scopes: ['files:write'],
    args: {
      files: json(z.array(z.strictObject({ id, title: text.optional(), highlight_type: text.optional() })).min(1)),
      channel_id: id.optional(),
      thread_ts: ts.optional(),
      initial_comment: text.optional(),
    },
    run: (args, { workspace, files }) => {
      const channel = args.channel_id === undefined ? undefined : workspace.joinedChannel(args.channel_id)
      if (args.thread_ts !== undefined && !channel) throw new MethodRefusal('invalid_thread_ts')
      const completed = args.files.map(({ id: fileId, title }) => uploaded(files.get(fileId), title))
      for (const file of completed) {
        file.completedAt = workspace.now()
        if (channel) file.channel = channel.id
        if (args.thread_ts !== undefined) file.threadTs = args.thread_ts
      }
      if (channel)
        addMessage(workspace, channel, {
          user: identity.userId,
          text: args.initial_comment ?? '',
          threadTs: args.thread_ts,
          files: completed.map((file) => file.id),
        })
      for (const file of completed) workspace.emit({ type: 'file', file: asSlackFile(file), at: workspace.now() })
      return { files: completed.map(({ id: fileId, title, name }) => ({ id: fileId, title: title ?? name })) }
    },
  }),
  method({
    name: 'files.info',
    tier: 4,
    scopes: ['files:read'],
    args: { file: id, cursor: text.optional(), limit: integer.optional() },
    run: (args, state) => {
      const file = state.files.get(args.file)
      if (file?.completedAt === undefined) throw new MethodRefusal('file_not_found')
      return { file: fileView(state, file), comments: [], response_metadata: { next_cursor: '' } }
    },
  }),
]

/** The file once its bytes are there; completing twice or before the bytes is refused. */
function uploaded(file: StoredFile | undefined, title: string | undefined): StoredFile {
  if (!file?.bytes || file.completedAt !== undefined) throw new MethodRefusal('file_not_found')
  if (title !== undefined) file.title = title
  return file
}
