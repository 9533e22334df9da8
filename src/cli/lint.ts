import { loadConfigFile, loadRunbookFolder, scheduleProblemsOf } from '../app/load.ts'
import { defaultOf } from '../config/environment-variables.ts'
import { formatProblem } from '../config/problem.ts'

interface Output {
  readonly stdout: { write(text: string): unknown }
}

/** Checks incbot.yaml and the runbooks against it. 0: nothing to say; 1: problems, one line each. */
export async function lint(env: NodeJS.ProcessEnv, output: Output): Promise<number> {
  const file = env.INCBOT_CONFIG ?? defaultOf('INCBOT_CONFIG') ?? 'incbot.yaml'
  const loaded = await loadConfigFile(file)
  if (!loaded.ok) {
    for (const problem of loaded.problems) output.stdout.write(`${formatProblem(problem)}\n`)
    return 1
  }
  output.stdout.write(`${file}: ${loaded.config.services.length} services, no problems\n`)
  const folder = env.INCBOT_RUNBOOKS ?? defaultOf('INCBOT_RUNBOOKS') ?? 'runbooks'
  const names = loaded.config.services.map(({ name }) => name)
  const shelf = await loadRunbookFolder(folder, names)
  const scheduled = await scheduleProblemsOf(file, shelf.runbooks)
  return report({ ...shelf, problems: [...shelf.problems, ...scheduled] }, folder, output)
}

/** Checks every runbook of a folder on its own, without a catalogue. */
export async function lintRunbooks(folder: string, output: Output): Promise<number> {
  return report(await loadRunbookFolder(folder, undefined), folder, output)
}

function report(
  { runbooks, problems, files }: Awaited<ReturnType<typeof loadRunbookFolder>>,
  folder: string,
  { stdout }: Output,
): number {
  for (const problem of problems) stdout.write(`${problem}\n`)
  stdout.write(`${folder}: ${files} files, ${runbooks.length} good runbooks, ${problems.length} problems\n`)
  return problems.length === 0 ? 0 : 1
}
