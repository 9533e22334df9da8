import type { Method } from '../method.ts'
import { chatMethods } from './chat.ts'
import { conversationMethods } from './conversations.ts'
import { extraMethods } from './extras.ts'
import { fileMethods } from './files.ts'
import { historyMethods } from './history.ts'
import { peopleMethods } from './people.ts'
import { viewMethods } from './views.ts'

/** Every Web API method of the stand-in, by name. */
export const methods: ReadonlyMap<string, Method> = new Map(
  [chatMethods, conversationMethods, extraMethods, fileMethods, historyMethods, peopleMethods, viewMethods].flatMap(
    (group) => group.map((method) => [method.name, method] as const),
  ),
)
