import { z } from 'zod'

/** Block id → action id → the input's state, for example `{type: 'plain_text_input', value: 'why'}`. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The inputs of a view that passed the Block Kit check; every other block is left out. */
const input = z.object({
  type: z.literal('input'),
  block_id: z.string(),
  optional: z.boolean().default(false),
  element: z.object({
    action_id: z.string(),
    min_length: z.number().optional(),
    max_length: z.number().optional(),
  }),
})

type Input = z.infer<typeof input>

export function inputsOf({ blocks }: Readonly<Record<string, unknown>>): readonly Input[] {
  if (!Array.isArray(blocks)) return []
  return blocks.flatMap((block) => {
    const parsed = input.safeParse(block)
    return parsed.success ? [parsed.data] : []
  })
}

/** What Slack's own dialog makes sure of before it submits anything. Throws for what a person could not submit. */
export function requireSubmittable(view: Readonly<Record<string, unknown>>, values: ViewValues): void {
  for (const { block_id, optional, element } of inputsOf(view)) {
    const { value } = z.object({ value: z.unknown().optional() }).parse(values[block_id]?.[element.action_id] ?? {})
    const typed = typeof value === 'string' ? value : ''
    if (typed === '' && !optional) throw new Error(`Slack does not submit the dialog: ${block_id} is empty`)
    const { min_length: least = 0, max_length: most = 3_000 } = element
    if (typed !== '' && (typed.length < least || typed.length > most))
      throw new Error(`Slack does not submit the dialog: ${block_id} has ${typed.length} characters`)
  }
}
