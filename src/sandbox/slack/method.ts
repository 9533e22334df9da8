import { z } from 'zod'
import { problemTexts } from './blocks/problems.ts'
import type { Tier } from './limits.ts'
import { refusalWithMessages } from './refusal.ts'
import type { SlackState } from './state.ts'

/** A part of a Web API answer; `ok: true` is added by the server. */
export type Answer = Readonly<Record<string, unknown>>

/** One Web API method. */
export interface Method {
  readonly name: string
  readonly tier: Tier | 'post' | 'unlimited'
  readonly token: 'bot' | 'app' | 'none'
  /** Needed before anything is looked at; a method may ask for more once it knows the kind of channel. */
  readonly scopes: readonly string[]
  /** Throws `MethodRefusal` for what Slack answers with `ok: false`. */
  call(args: Readonly<Record<string, unknown>>, state: SlackState): Answer
}

/** Defines a method with its accepted arguments; all others are refused, as Slack should. */
export function method<Shape extends z.ZodRawShape>(definition: {
  readonly name: string
  readonly tier: Method['tier']
  readonly token?: Method['token']
  readonly scopes?: readonly string[]
  readonly args: Shape
  readonly run: (args: z.infer<z.ZodObject<Shape, z.core.$strict>>, state: SlackState) => Answer
}): Method {
  const { name, tier, token = 'bot', scopes = [], args: shape, run } = definition
  const schema = z.strictObject(shape)
  return {
    name,
    tier,
    token,
    scopes,
    call: (args, state) => {
      const result = schema.safeParse(args)
      if (!result.success) throw refusalWithMessages('invalid_arguments', problemTexts(result.error.issues, args, ''))
      return run(result.data, state)
    },
  }
}
