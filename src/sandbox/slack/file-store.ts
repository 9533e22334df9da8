import { randomBytes } from 'node:crypto'
import type { FileState } from './blocks/cross-checks.ts'
import type { SlackFile } from './types.ts'
import { identity, type Workspace } from './workspace.ts'

export interface StoredFile {
  readonly id: string
  readonly name: string
  readonly lengthBytes: number
  readonly altText?: string
  readonly uploadToken: string
  readonly permalink: string
  bytes?: Buffer
  title?: string
  channel?: string
  threadTs?: string
  /** When the upload was completed; only then the file exists for others. */
  completedAt?: number
}

/** Files on their three-step way in: upload URL, bytes, completion; then some time of processing. */
export class FileStore {
  readonly #workspace: Workspace
  readonly #processingMs: number
  readonly #files = new Map<string, StoredFile>()

  constructor(workspace: Workspace, processingMs: number) {
    this.#workspace = workspace
    this.#processingMs = processingMs
  }

  announce(name: string, lengthBytes: number, altText: string | undefined): StoredFile {
    const id = this.#workspace.nextId('F')
    const file: StoredFile = {
      id,
      name,
      lengthBytes,
      uploadToken: randomBytes(24).toString('base64url'),
      permalink: `https://${identity.teamDomain}.slack.com/files/${identity.userId}/${id}/${encodeURIComponent(name)}`,
      ...(altText !== undefined && { altText }),
    }
    this.#files.set(id, file)
    return file
  }

  get(id: string): StoredFile | undefined {
    return this.#files.get(id)
  }

  byUploadToken(token: string): StoredFile | undefined {
    return [...this.#files.values()].find((file) => file.uploadToken === token)
  }

  isProcessed(file: StoredFile): boolean {
    return file.completedAt !== undefined && this.#workspace.now() >= file.completedAt + this.#processingMs
  }

  /** What a block that names this file (by id, permalink or private URL) would find. */
  state(idOrUrl: string): FileState {
    const file = this.#files.get(idOrUrl) ?? [...this.#files.values()].find(({ permalink }) => permalink === idOrUrl)
    if (file?.completedAt === undefined) return 'missing'
    return this.isProcessed(file) ? 'ready' : 'processing'
  }

  /** Completed files, in the order of their announcement. */
  completed(): readonly SlackFile[] {
    return [...this.#files.values()].flatMap((file) => (file.completedAt === undefined ? [] : [asSlackFile(file)]))
  }
}

export function asSlackFile(file: StoredFile): SlackFile {
  const { id, name, permalink, bytes = Buffer.alloc(0), title, altText, channel, threadTs } = file
  return {
    id,
    name,
    permalink,
    bytes,
    ...(title !== undefined && { title }),
    ...(altText !== undefined && { altText }),
    ...(channel !== undefined && { channel }),
    ...(threadTs !== undefined && { threadTs }),
  }
}
