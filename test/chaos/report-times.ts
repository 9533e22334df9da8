import type { Evidence } from './evidence.ts'

/**
 * For each remediation that a death interrupted: how long after the restart in which it was told Slack said so, in ms; Infinity where it never
 * did. `births` are the moments at which the bot's lives began, `toldAt` when Slack first had the post about it.
 */
export function reportTimes(
  { remembered }: Evidence,
  births: readonly number[],
  toldAt: ReadonlyMap<string, number>,
): readonly { readonly id: string; readonly afterMs: number }[] {
  return [...remembered.values()].flatMap(({ timeline }) =>
    timeline
      .filter(({ type, text }) => type === 'remediation.unknown' && text.includes('stopped in the middle'))
      .map(({ data }) => {
        const id = String(data?.remediationId)
        const told = toldAt.get(id)
        const birth = births.findLast((at) => told !== undefined && at <= told)
        return { id, afterMs: told === undefined || birth === undefined ? Number.POSITIVE_INFINITY : told - birth }
      }),
  )
}
