import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Every YAML file of the runbook folder, by name; an unreadable folder throws with what to set. */
export async function readRunbookFiles(
  folder: string,
): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new Error(`The runbook folder ${folder} cannot be read. Set INCBOT_RUNBOOKS to a folder with runbooks.`, {
      cause: error,
    })
  })
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort()
  return Promise.all(
    files.map(async (name) => ({ file: join(folder, name), text: await readFile(join(folder, name), 'utf8') })),
  )
}

/** The configuration file; throws with what to set where there is none. */
export async function readConfigFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(
      `The configuration ${path} cannot be read. Copy incbot.example.yaml, or set INCBOT_CONFIG to where it is.`,
      { cause: error },
    )
  })
}

/** For secrets given as `NAME_FILE`. */
export const readSecretFile = (path: string): string => readFileSync(path, 'utf8')
