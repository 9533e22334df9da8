let issued = 0

const interactive =
  /^(button|overflow|radio_buttons|checkboxes|datepicker|timepicker|datetimepicker|feedback_buttons|icon_button|.*_select|.*_input)$/

/** Blocks as Slack stores them: every block has a `block_id`, every interactive element an `action_id`. */
export function withIds(blocks: readonly unknown[]): readonly unknown[] {
  return blocks.map((block) => identify(block, true))
}

function identify(part: unknown, isBlock: boolean): unknown {
  if (Array.isArray(part)) return part.map((item) => identify(item, false))
  if (typeof part !== 'object' || part === null) return part
  const children = Object.fromEntries(Object.entries(part).map(([key, child]) => [key, identify(child, false)]))
  if (isBlock) return { block_id: freshId(), ...children }
  const needsId = typeof children.type === 'string' && interactive.test(children.type)
  return needsId ? { action_id: freshId(), ...children } : children
}

function freshId(): string {
  issued += 1
  return `g${issued.toString(36).padStart(4, '0')}`
}
