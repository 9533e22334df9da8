import { z } from 'zod'
import { chars, linkUrl } from './text.ts'

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    code: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional()

const part = <const Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), style, ...shape })

const text = part('text', { text: chars(12_000) })
const link = part('link', { url: linkUrl, text: chars(3000).optional(), unsafe: z.boolean().optional() })

const inline = z.discriminatedUnion('type', [
  text,
  link,
  part('emoji', { name: chars(255), unicode: z.string().optional() }),
  part('user', { user_id: chars(255) }),
  part('usergroup', { usergroup_id: chars(255) }),
  part('channel', { channel_id: chars(255) }),
  part('broadcast', { range: z.enum(['here', 'channel', 'everyone']) }),
  part('color', { value: chars(255) }),
  part('date', {
    timestamp: z.int(),
    format: chars(255),
    url: linkUrl.optional(),
    fallback: chars(3000).optional(),
  }),
])

const border = z.union([z.literal(0), z.literal(1)]).optional()
const section = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(inline) })

/** Elements of a rich_text block. */
export const richTextElement = z.discriminatedUnion('type', [
  section,
  z.strictObject({
    type: z.literal('rich_text_list'),
    elements: z.array(section).min(1),
    style: z.enum(['bullet', 'ordered']),
    indent: z.int().min(0).max(8).optional(),
    offset: z.int().min(0).optional(),
    border,
  }),
  z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(inline), border }),
  z.strictObject({
    type: z.literal('rich_text_preformatted'),
    elements: z.array(z.discriminatedUnion('type', [text, link])),
    language: z.string().optional(),
    border,
  }),
])
