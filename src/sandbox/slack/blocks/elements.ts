import { z } from 'zod'
import { anyText, chars, confirm, linkUrl, plainText, publicUrl, slackFile } from './text.ts'

const actionable = { action_id: chars(255).optional() }
const confirmable = { confirm: confirm.optional() }
const focusable = { focus_on_load: z.boolean().optional() }
const placeholdable = { placeholder: plainText(150).optional() }
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  value: chars(2000).optional(),
  url: linkUrl.optional(),
  style: z.enum(['primary', 'danger']).optional(),
  accessibility_label: chars(75).optional(),
  ...actionable,
  ...confirmable,
})

const imageElement = z
  .strictObject({
    type: z.literal('image'),
    alt_text: chars(2000),
    image_url: publicUrl.optional(),
    slack_file: slackFile.optional(),
  })
  .refine((image) => (image.image_url === undefined) !== (image.slack_file === undefined), {
    error: 'must have exactly one of image_url and slack_file',
  })

const plainOption = z.strictObject({
  text: plainText(75),
  value: chars(150),
  description: plainText(75).optional(),
  url: linkUrl.optional(),
})
const richOption = z.strictObject({ text: anyText(75), value: chars(150), description: anyText(75).optional() })
const options = z.array(plainOption).min(1).max(100)
const optionGroups = z
  .array(z.strictObject({ label: plainText(75), options }))
  .min(1)
  .max(100)

const selectBase = { ...actionable, ...confirmable, ...focusable, ...placeholdable }
const multiple = { max_selected_items: z.int().min(1).optional() }

const staticSelects = (['static_select', 'multi_static_select'] as const).map((type) =>
  z
    .strictObject({
      type: z.literal(type),
      options: options.optional(),
      option_groups: optionGroups.optional(),
      ...(type === 'static_select'
        ? { initial_option: plainOption.optional() }
        : { initial_options: options.optional(), ...multiple }),
      ...selectBase,
    })
    .refine((select) => (select.options === undefined) !== (select.option_groups === undefined), {
      error: 'must have exactly one of options and option_groups',
    }),
)

const single = (type: string, initial: string) =>
  z.strictObject({
    type: z.literal(type),
    [initial]: z.string().optional(),
    response_url_enabled: z.boolean().optional(),
    ...selectBase,
  })
const multi = (type: string, initial: string) =>
  z.strictObject({ type: z.literal(type), [initial]: z.array(z.string()).optional(), ...multiple, ...selectBase })

const selects = [
  ...staticSelects,
  single('users_select', 'initial_user'),
  single('channels_select', 'initial_channel'),
  single('conversations_select', 'initial_conversation'),
  multi('multi_users_select', 'initial_users'),
  multi('multi_channels_select', 'initial_channels'),
  multi('multi_conversations_select', 'initial_conversations'),
]

const choices = [
  z.strictObject({
    type: z.literal('overflow'),
    options: z.array(plainOption).min(1).max(5),
    ...actionable,
    ...confirmable,
  }),
  z.strictObject({
    type: z.literal('radio_buttons'),
    options: z.array(richOption).min(1).max(10),
    initial_option: richOption.optional(),
    ...actionable,
    ...confirmable,
    ...focusable,
  }),
  z.strictObject({
    type: z.literal('checkboxes'),
    options: z.array(richOption).min(1).max(10),
    initial_options: z.array(richOption).min(1).max(10).optional(),
    ...actionable,
    ...confirmable,
    ...focusable,
  }),
]

const dates = [
  z.strictObject({ type: z.literal('datepicker'), initial_date: date.optional(), ...selectBase }),
  z.strictObject({
    type: z.literal('timepicker'),
    initial_time: z
      .string()
      .regex(/^\d{2}:\d{2}$/)
      .optional(),
    timezone: z.string().optional(),
    ...selectBase,
  }),
  z.strictObject({
    type: z.literal('datetimepicker'),
    initial_date_time: z.int().optional(),
    ...actionable,
    ...confirmable,
    ...focusable,
  }),
]

const typing = {
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z
        .array(z.enum(['on_enter_pressed', 'on_character_entered']))
        .min(1)
        .optional(),
    })
    .optional(),
  ...actionable,
  ...focusable,
  ...placeholdable,
}
const textInputs = [
  z.strictObject({
    type: z.literal('plain_text_input'),
    initial_value: chars(3000, 0).optional(),
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(3000).optional(),
    max_length: z.int().min(1).max(3000).optional(),
    ...typing,
  }),
  z.strictObject({
    type: z.literal('number_input'),
    is_decimal_allowed: z.boolean(),
    initial_value: z.string().optional(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
    ...typing,
  }),
  z.strictObject({ type: z.literal('email_text_input'), initial_value: z.string().optional(), ...typing }),
  z.strictObject({ type: z.literal('url_text_input'), initial_value: z.string().optional(), ...typing }),
]

const feedback = z.strictObject({
  text: plainText(75),
  value: chars(2000),
  accessibility_label: chars(75).optional(),
})

/** What an actions block may hold. Elements outside this list are known to Slack but refused here: nothing checks them. */
export const actionElement = z.discriminatedUnion('type', [button, ...selects, ...choices, ...dates])
export const accessory = z.discriminatedUnion('type', [button, imageElement, ...selects, ...choices, ...dates])
export const inputElement = z.discriminatedUnion('type', [
  textInputs[0] ?? button,
  ...textInputs.slice(1),
  ...selects,
  ...choices.slice(1),
  ...dates,
])
export const contextElement = z.discriminatedUnion('type', [
  imageElement,
  z.strictObject({ type: z.literal('plain_text'), text: chars(2000), emoji: z.boolean().optional() }),
  z.strictObject({ type: z.literal('mrkdwn'), text: chars(2000), verbatim: z.boolean().optional() }),
])
export const contextAction = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('feedback_buttons'),
    positive_button: feedback,
    negative_button: feedback,
    ...actionable,
  }),
  z.strictObject({
    type: z.literal('icon_button'),
    icon: z.literal('trash'),
    text: plainText(75),
    value: chars(2000).optional(),
    accessibility_label: chars(75).optional(),
    visible_to_user_ids: z.array(z.string()).optional(),
    ...actionable,
    ...confirmable,
  }),
])
