import { z } from 'zod'
import { MethodRefusal, refusalWithMessages } from '../refusal.ts'
import { blockProblems } from './check.ts'
import type { FileState } from './cross-checks.ts'
import { withIds } from './ids.ts'
import { problemTexts } from './problems.ts'
import { chars, plainText } from './text.ts'

const viewMaxBytes = 250_000

const common = {
  blocks: z.array(z.unknown()),
  private_metadata: chars(3000, 0).optional(),
  callback_id: chars(255).optional(),
  external_id: chars(255).optional(),
}

const schemas = {
  modal: z.strictObject({
    type: z.literal('modal'),
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    ...common,
  }),
  home: z.strictObject({ type: z.literal('home'), ...common }),
} as const

/** The view as Slack stores it. Throws `invalid_arguments`, as the views methods do, or `view_too_large`. */
export function checkedView(
  view: unknown,
  surface: 'modal' | 'home',
  fileState: (idOrUrl: string) => FileState,
): Readonly<Record<string, unknown>> {
  const parsed = schemas[surface].safeParse(view)
  if (!parsed.success) throw refusalWithMessages('invalid_arguments', problemTexts(parsed.error.issues, view, '/view'))
  const problems = blockProblems(parsed.data.blocks, surface, fileState, '/view/blocks')
  if (problems.length > 0) throw refusalWithMessages('invalid_arguments', problems)
  const hasInput = parsed.data.blocks.some((block) => z.object({ type: z.literal('input') }).safeParse(block).success)
  if (surface === 'modal' && hasInput && !('submit' in parsed.data))
    throw refusalWithMessages('invalid_arguments', ['missing required field: submit [json-pointer:/view]'])
  if (Buffer.byteLength(JSON.stringify(view)) > viewMaxBytes) throw new MethodRefusal('view_too_large')
  return { ...parsed.data, blocks: withIds(parsed.data.blocks) }
}
