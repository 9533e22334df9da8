import { z } from 'zod'
import { id, json, text } from '../arguments.ts'
import { checkedView } from '../blocks/view.ts'
import { type Answer, type Method, method } from '../method.ts'
import { MethodRefusal } from '../refusal.ts'
import type { SlackState } from '../state.ts'
import type { OpenView } from '../view-store.ts'
import { identity } from '../workspace.ts'

const view = json(z.unknown())

export const viewMethods: readonly Method[] = [
  method({
    name: 'views.open',
    tier: 4,
    args: { trigger_id: id, view },
    run: (args, state) => {
      const checked = checkedView(args.view, 'modal', (file) => state.files.state(file))
      return shown(state.views.open(state.triggers.spend(args.trigger_id), checked))
    },
  }),
  method({
    name: 'views.push',
    tier: 4,
    args: { trigger_id: id, view },
    run: (args, state) => {
      const checked = checkedView(args.view, 'modal', (file) => state.files.state(file))
      return shown(state.views.push(state.triggers.spend(args.trigger_id), checked))
    },
  }),
  method({
    name: 'views.update',
    tier: 4,
    args: { view, view_id: id.optional(), external_id: id.optional(), hash: text.optional() },
    run: (args, state) => {
      const checked = checkedView(args.view, 'modal', (file) => state.files.state(file))
      const found = state.views.find({ viewId: args.view_id, externalId: args.external_id })
      return shown(state.views.update(found, checked, args.hash))
    },
  }),
  method({
    name: 'views.publish',
    tier: 4,
    args: { user_id: id, view, hash: text.optional() },
    run: (args, state: SlackState) => {
      if (!state.workspace.users.has(args.user_id)) throw new MethodRefusal('user_not_found')
      const checked = checkedView(args.view, 'home', (file) => state.files.state(file))
      return shown(state.views.publish(args.user_id, checked, args.hash))
    },
  }),
]

function shown(open: OpenView): Answer {
  return { view: viewObject(open) }
}

/** A view as answers and interaction payloads show it. */
export function viewObject(open: OpenView): Readonly<Record<string, unknown>> {
  return {
    callback_id: '',
    private_metadata: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    ...open.view,
    id: open.id,
    hash: open.hash,
    team_id: identity.teamId,
    app_id: identity.appId,
    bot_id: identity.botId,
    root_view_id: open.id,
    previous_view_id: null,
    state: { values: {} },
  }
}
