import { z } from 'zod'

/** A string of 1 to `max` characters; Slack counts escaped entities as written. */
export const chars = (max: number, min = 1) => z.string().min(min).max(max)

export const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: chars(max), emoji: z.boolean().optional() })

const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: chars(max), verbatim: z.boolean().optional() })

export const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)])

/** docs.slack.dev, "Confirmation dialog object". */
export const confirm = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
})

/** Slack fetches images itself, so an address that only this machine can reach renders as a broken image. */
export const publicUrl = chars(3000).refine(
  (url) => {
    if (!URL.canParse(url)) return false
    const { protocol, hostname } = new URL(url)
    return protocol === 'https:' && hostname.includes('.') && !/^(127\.|10\.|192\.168\.|\[)/.test(hostname)
  },
  { error: 'must be an https address that Slack can reach' },
)

export const linkUrl = chars(3000).refine((url) => URL.canParse(url), { error: 'must be a valid URL' })

export const slackFile = z.union([z.strictObject({ id: chars(255) }), z.strictObject({ url: chars(3000) })])
