import type { NamedSecret } from './config.ts'
import { guess } from './did-you-mean.ts'

/** Reads a small text file; throws where it cannot. */
export type ReadFile = (path: string) => string

export type Reading =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly problem: string }

/**
 * A secret from `name`, or from the file that `name_FILE` points at; absent where neither is set. An empty variable counts as not set, as
 * container tools pass unset ones on so. No message holds any part of a secret.
 */
export function readSecret(env: NodeJS.ProcessEnv, readFile: ReadFile, name: string): Reading {
  const direct = env[name]?.trim() ?? ''
  const path = env[`${name}_FILE`] ?? ''
  if (direct !== '' && path !== '') {
    return {
      ok: false,
      problem: `${name} and ${name}_FILE are both set. Keep one of them, so that it is clear which counts.`,
    }
  }
  if (path === '') return direct === '' ? { ok: true, value: undefined } : checked(name, direct)
  let content: string
  try {
    content = readFile(path).trim()
  } catch (error) {
    // A text without a slash is often the secret itself, given under the wrong name.
    if (!/[/\\]/.test(path))
      return {
        ok: false,
        problem: `${name}_FILE holds no path of a file that can be read (${reason(error)}). For the secret itself, set ${name}.`,
      }
    return { ok: false, problem: `${name}_FILE points at ${path}, which cannot be read (${reason(error)}).` }
  }
  if (content === '') return { ok: false, problem: `${name}_FILE points at ${path}, which is empty.` }
  return checked(`${name}_FILE`, content)
}

/** A line end or space inside (but for those after the commas of a list) makes a header that no server accepts, and an error far from its cause. */
function checked(name: string, value: string): Reading {
  if (/[^\x21-\x7e]/.test(value.replaceAll(/,\s+/g, ','))) {
    return {
      ok: false,
      problem: `${name} holds a space, line end or non-ASCII character inside; a token has none. Copy it again.`,
    }
  }
  return { ok: true, value }
}

function reason(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return 'unknown reason'
}

/** Secrets that incbot.yaml names, by variable. All problems come at once. */
export function readNamedSecrets(
  env: NodeJS.ProcessEnv,
  readFile: ReadFile,
  named: readonly NamedSecret[],
):
  | { readonly ok: true; readonly secrets: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly problems: readonly string[] } {
  const secrets = new Map<string, string>()
  const problems: string[] = []
  for (const { variable, usedBy } of named) {
    const reading = readSecret(env, readFile, variable)
    if (!reading.ok) problems.push(reading.problem)
    else if (reading.value === undefined) problems.push(missing(env, variable, usedBy))
    else secrets.set(variable, reading.value)
  }
  return problems.length > 0 ? { ok: false, problems: [...new Set(problems)] } : { ok: true, secrets }
}

function missing(env: NodeJS.ProcessEnv, variable: string, usedBy: string): string {
  const { didYouMean } = guess(variable, Object.keys(env))
  const hint = didYouMean === undefined ? '' : ` ${didYouMean} is set; is that the one?`
  return `${variable} is not set; ${usedBy} needs it. Set ${variable}, or ${variable}_FILE to the path of a file with it.${hint}`
}
