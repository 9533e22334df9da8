import type { Given } from './subcommand.ts'

const GROUPS_MS = 2_000

/** Why this person may not use the kill switch; undefined when they may. */
export async function adminProblem({ by, ports }: Given): Promise<string | undefined> {
  const { users, groups } = ports.admins
  if (users.length === 0 && groups.length === 0) {
    return 'Nobody may: no `admins` are configured in incbot.yaml. The file switch and the command line still work.'
  }
  if (users.includes(by.user)) return undefined
  const isIn = groups.length === 0 ? [] : await ports.groupsOf(by, groups, AbortSignal.timeout(GROUPS_MS))
  if (isIn === 'unknown') {
    return 'Slack could not tell whether you are one of incbot’s admins, so this was not done. Try again, or ask an admin who is listed by name.'
  }
  return isIn.length > 0
    ? undefined
    : 'Only incbot’s admins may do this; they are listed under `admins` in incbot.yaml.'
}
