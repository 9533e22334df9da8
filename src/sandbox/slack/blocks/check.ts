import { MethodRefusal, refusalWithMessages } from '../refusal.ts'
import { blockLists, type Surface } from './blocks.ts'
import { crossProblems, type FileState } from './cross-checks.ts'
import { problemTexts } from './problems.ts'

/**
 * Slack's undocumented cap on all blocks of a message: about 12,000 characters of text plus some for the containers. The
 * stand-in counts the serialised JSON, which is always more than what Slack counts.
 */
const messageBlocksMaxChars = 13_000

/** All problems of a list of blocks in Slack's words, each with its JSON pointer. */
export function blockProblems(
  blocks: unknown,
  surface: Surface,
  fileState: (idOrUrl: string) => FileState,
  root = '/blocks',
): readonly string[] {
  const parsed = checked(blocks, surface)
  if (parsed === undefined) return [`invalid length [json-pointer:${root}]`]
  if (!parsed.success) return problemTexts(parsed.error.issues, blocks, root)
  return crossProblems(parsed.data, root, fileState)
}

/** Undefined where zod cannot say: it asks also what is no text and no list for its length, and throws where that cannot be compared. */
function checked(blocks: unknown, surface: Surface) {
  try {
    return blockLists[surface].safeParse(blocks)
  } catch {
    return undefined
  }
}

/** Throws what Slack answers to a message with these blocks, if they are bad. */
export function checkMessageBlocks(blocks: readonly unknown[], fileState: (idOrUrl: string) => FileState): void {
  const problems = blockProblems(blocks, 'message', fileState)
  if (problems.length > 0) throw refusalWithMessages('invalid_blocks', problems)
  const size = JSON.stringify(blocks).length
  if (size > messageBlocksMaxChars) throw new MethodRefusal('msg_blocks_too_long', { size })
}
