import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '../store-error.ts'

/** "incb" as SQLite's application id: says in the file itself that it is ours. */
export const APPLICATION_ID = 0x69_6e_63_62

const HEADER_BYTES = 100
const MAGIC = 'SQLite format 3\0'
const APPLICATION_ID_OFFSET = 68

/**
 * Creates the directory and the file where they are absent, for this user alone, and refuses a file that is not a store without
 * changing it. SQLite itself must not look first: opening a foreign database may already move its log.
 * Source of the layout: https://www.sqlite.org/fileformat.html §1.3. Returns whether the file is new, that is, empty.
 */
export function prepareFile(path: string): { readonly isNew: boolean } {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const header = readHeader(path, 'a+')
    if (header.length > 0 && !isStore(header)) throw notAStore(path)
    chmodSync(path, 0o600)
    return { isNew: header.length === 0 }
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    throw new StoreError(
      'unavailable',
      `The store ${path} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'incbot keeps its records there and does not start without it. Check that the directory exists, has room, and belongs to the user that runs incbot.',
      { cause },
    )
  }
}

/** Whether a file that exists says of itself that it is a store; changes nothing. Throws when it cannot be read. */
export function isStoreFile(path: string): boolean {
  return isStore(readHeader(path, 'r'))
}

function readHeader(path: string, flags: 'a+' | 'r'): Buffer {
  const file = openSync(path, flags, 0o600)
  try {
    const header = Buffer.alloc(Math.min(HEADER_BYTES, fstatSync(file).size))
    readSync(file, header, 0, header.length, 0)
    return header
  } finally {
    closeSync(file)
  }
}

function isStore(header: Buffer): boolean {
  return (
    header.length === HEADER_BYTES &&
    header.toString('latin1', 0, MAGIC.length) === MAGIC &&
    header.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID
  )
}

function notAStore(path: string): StoreError {
  return new StoreError(
    'not-a-store',
    `The file ${path} is not a store of incbot; it was left as it is. Move it away, or choose another data directory.`,
  )
}
