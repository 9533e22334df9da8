import { z } from 'zod'
import { checkedView } from './blocks/view.ts'
import type { Deliveries } from './deliveries.ts'
import { viewObject } from './methods/views.ts'
import { viewSubmissionPayload } from './payloads.ts'
import { MethodRefusal } from './refusal.ts'
import type { SlackState } from './state.ts'
import type { Delivery } from './types.ts'
import { inputsOf, requireSubmittable, type ViewValues } from './view-inputs.ts'
import type { OpenView } from './view-store.ts'

const response = z.discriminatedUnion('response_action', [
  z.strictObject({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string().min(1)) }),
  z.strictObject({ response_action: z.enum(['update', 'push']), view: z.unknown() }),
  z.strictObject({ response_action: z.literal('clear') }),
])

/** A person submits a modal; the bot's answer closes it, changes it, or shows errors at its inputs. */
export async function submitView(
  state: SlackState,
  deliveries: Deliveries,
  input: { readonly user: string; readonly viewId: string; readonly values: ViewValues },
): Promise<Delivery> {
  const user = state.workspace.users.get(input.user)
  const open = state.views.find({ viewId: input.viewId })
  if (!user || open.user !== input.user) throw new Error(`${input.user} has no open view ${input.viewId}`)
  requireSubmittable(open.view, input.values)
  const triggerId = state.triggers.issue(user.id)
  const payload = viewSubmissionPayload(user, viewObject(open), input.values, triggerId)
  const delivery = { ...(await deliveries.deliver({ kind: 'interaction', payload })), triggerId }
  if (delivery.failure !== undefined) return delivery
  try {
    react(state, open, delivery.body === '' ? undefined : JSON.parse(delivery.body))
    return delivery
  } catch (error) {
    const isBadAnswer = error instanceof MethodRefusal || error instanceof SyntaxError || error instanceof z.ZodError
    if (isBadAnswer) return { ...delivery, failure: 'invalid_response' }
    throw error
  }
}

function react(state: SlackState, open: OpenView, body: unknown): void {
  if (body === undefined) {
    state.views.close(open.user, false)
    return
  }
  const answer = response.parse(body)
  const fileState = (file: string) => state.files.state(file)
  switch (answer.response_action) {
    case 'errors':
      refuseStrayErrors(open, answer.errors)
      open.errors = answer.errors
      break
    case 'update':
      state.views.update(open, checkedView(answer.view, 'modal', fileState), undefined)
      break
    case 'push':
      state.views.push(open.user, checkedView(answer.view, 'modal', fileState))
      break
    case 'clear':
      state.views.close(open.user, true)
      break
  }
}

/** An error stands at an input; without one there, Slack shows only that something went wrong. */
function refuseStrayErrors({ view }: OpenView, errors: Readonly<Record<string, string>>): void {
  const known = new Set(inputsOf(view).map(({ block_id }) => block_id))
  if (Object.keys(errors).some((block) => !known.has(block))) throw new MethodRefusal('invalid_arguments')
}
