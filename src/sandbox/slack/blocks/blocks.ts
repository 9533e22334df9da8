import { z } from 'zod'
import { accessory, actionElement, contextAction, contextElement, inputElement } from './elements.ts'
import { richTextElement } from './rich-text.ts'
import { anyText, chars, plainText, publicUrl, slackFile } from './text.ts'

/** Where blocks appear; not every block is allowed everywhere. */
export type Surface = 'message' | 'modal' | 'home'

const identified = { block_id: chars(255).optional() }

const section = z
  .strictObject({
    type: z.literal('section'),
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: accessory.optional(),
    expand: z.boolean().optional(),
    ...identified,
  })
  .refine((block) => block.text !== undefined || block.fields !== undefined, {
    error: 'must have text or fields',
  })

const image = z
  .strictObject({
    type: z.literal('image'),
    alt_text: chars(2000),
    title: plainText(2000).optional(),
    image_url: publicUrl.optional(),
    slack_file: slackFile.optional(),
    ...identified,
  })
  .refine((block) => (block.image_url === undefined) !== (block.slack_file === undefined), {
    error: 'must have exactly one of image_url and slack_file',
  })

const richText = z.strictObject({
  type: z.literal('rich_text'),
  elements: z.array(richTextElement).min(1),
  ...identified,
})

const everywhere = [
  section,
  image,
  richText,
  z.strictObject({ type: z.literal('divider'), ...identified }),
  z.strictObject({ type: z.literal('header'), text: plainText(150), ...identified }),
  z.strictObject({ type: z.literal('context'), elements: z.array(contextElement).min(1).max(10), ...identified }),
  z.strictObject({ type: z.literal('actions'), elements: z.array(actionElement).min(1).max(25), ...identified }),
  z.strictObject({
    type: z.literal('input'),
    label: plainText(2000),
    hint: plainText(2000).optional(),
    optional: z.boolean().optional(),
    dispatch_action: z.boolean().optional(),
    element: inputElement,
    ...identified,
  }),
] as const

const cell = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('raw_text'), text: chars(3000) }),
  z.strictObject({ type: z.literal('raw_number'), value: z.number(), text: chars(3000) }),
  richText,
])
const rows = z
  .array(z.array(cell).min(1).max(20))
  .min(1)
  .max(100)
  .refine((all) => new Set(all.map((row) => row.length)).size === 1, { error: 'must have rows of one length' })

const messageOnly = [
  z.strictObject({ type: z.literal('markdown'), text: chars(12_000), ...identified }),
  z.strictObject({
    type: z.literal('table'),
    rows,
    column_settings: z
      .array(
        z.strictObject({
          align: z.enum(['left', 'center', 'right']).optional(),
          is_wrapped: z.boolean().optional(),
        }),
      )
      .max(20)
      .optional(),
    ...identified,
  }),
  z.strictObject({
    type: z.literal('data_table'),
    caption: chars(3000),
    rows,
    page_size: z.int().min(1).max(100).optional(),
    row_header_column_index: z.int().min(0).max(19).optional(),
    ...identified,
  }),
  z.strictObject({ type: z.literal('context_actions'), elements: z.array(contextAction).min(1).max(5), ...identified }),
] as const

const alert = z.strictObject({
  type: z.literal('alert'),
  text: anyText(3000),
  level: z.enum(['default', 'info', 'warning', 'error', 'success']).optional(),
  ...identified,
})

/**
 * Blocks per surface, with Slack's limits (docs.slack.dev, "Blocks"). Blocks that Slack knows but this file does not
 * (card, carousel, container, video, file, plan, task_card) are refused rather than waved through unchecked.
 */
export const blockLists = {
  message: z.array(z.discriminatedUnion('type', [...everywhere, ...messageOnly])).max(50),
  modal: z.array(z.discriminatedUnion('type', [...everywhere, alert])).max(100),
  home: z.array(z.discriminatedUnion('type', [...everywhere])).max(100),
} as const satisfies Record<Surface, z.ZodType>
