import type { Runbook } from '../domain/runbook.ts'
import type { Logger } from '../pipeline/ports.ts'
import { loadRunbookFolder } from './load.ts'

export interface RunbookShelf {
  readonly runbooks: () => readonly Runbook[]
  /** Reads the folder again. A file that is broken now keeps the version that worked; a folder that cannot be read changes nothing. */
  readonly reload: () => Promise<void>
}

/** The runbooks in use. Throws when the folder cannot be read at the start; a broken file is only logged. */
export async function createRunbookShelf(
  folder: string,
  services: readonly string[],
  log: Logger,
): Promise<RunbookShelf> {
  let current: readonly Runbook[] = []

  async function load(): Promise<void> {
    const { runbooks, problems, broken } = await loadRunbookFolder(folder, services)
    for (const problem of problems) log.error({ problem }, 'Runbook is broken')
    current = keepWorking(current, runbooks, broken)
    log.info({ runbooks: current.map(({ name }) => name), broken: [...broken] }, 'Runbooks loaded')
  }

  await load()
  return {
    runbooks: () => current,
    reload: () =>
      load().catch((error: unknown) =>
        log.error({ err: error }, 'Runbooks could not be read again; the ones in use stay'),
      ),
  }
}

/** What is new, and of files that are broken now the version that worked before. */
export function keepWorking(
  before: readonly Runbook[],
  now: readonly Runbook[],
  broken: ReadonlySet<string>,
): readonly Runbook[] {
  const names = new Set(now.map((runbook) => runbook.name))
  return [...now, ...before.filter((runbook) => broken.has(runbook.file) && !names.has(runbook.name))]
}
