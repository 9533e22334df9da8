import { z } from 'zod'

export interface GateArguments {
  readonly service: string
  /** Of incbot's main port: "https://incbot.example.com". */
  readonly url: string
  readonly token?: string | undefined
  readonly scope?: 'model' | 'workload' | undefined
  /** What the pipeline calls the deploy: a version, a commit. */
  readonly deploy?: string | undefined
  /** "key=value" each. */
  readonly labels?: readonly string[]
  /** What it means for the deploy when the gate cannot say. */
  readonly onUnknown: 'deny' | 'allow'
  /** For the whole question, attempts included. */
  readonly timeoutMs: number
}

export interface GateOutput {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

type Verdict =
  | { readonly is: 'free'; readonly asOf?: string }
  | { readonly is: 'exempt'; readonly message: string; readonly asOf?: string }
  | { readonly is: 'frozen'; readonly message: string; readonly asOf?: string }
  /** `again`: it may be different in a moment. */
  | { readonly is: 'unknown'; readonly why: string; readonly again: boolean }

const ATTEMPTS = 3
const BETWEEN_ATTEMPTS_MS = 500

/**
 * Asks a running incbot whether a deploy may go ahead. Resolves with the exit code for the pipeline: 0 free, 1 frozen, 2 cannot tell, or 0
 * with a warning where `onUnknown` is `allow`. Never rejects.
 */
export async function gate(args: GateArguments, { stdout, stderr }: GateOutput): Promise<0 | 1 | 2> {
  const verdict = await ask(args)
  switch (verdict.is) {
    case 'free':
      stdout.write(`Deploys of ${args.service} are not frozen.${fromMemory(verdict)}\n`)
      return 0
    case 'exempt':
      stdout.write(`${verdict.message}${fromMemory(verdict)}\n`)
      return 0
    case 'frozen':
      stderr.write(`${verdict.message}${fromMemory(verdict)}\n`)
      return 1
    case 'unknown': {
      const { onUnknown, service } = args
      const meaning = onUnknown === 'allow' ? 'Going ahead because of --on-unknown=allow.' : 'Not going ahead.'
      stderr.write(`Cannot tell whether deploys of ${service} are frozen: ${verdict.why} ${meaning}\n`)
      return onUnknown === 'allow' ? 0 : 2
    }
  }
}

/** A sentence where incbot could not read its records and told what it remembers. */
function fromMemory({ asOf }: { readonly asOf?: string }): string {
  return asOf === undefined ? '' : ` (As of ${asOf}: incbot cannot read its records just now and answered from memory.)`
}

async function ask(args: GateArguments): Promise<Verdict> {
  const address = addressOf(args)
  if (address === undefined) return unknown(`${printable(args.url)} is not an http or https address.`)
  const signal = AbortSignal.timeout(args.timeoutMs)
  for (let attempt = 1; ; attempt++) {
    const verdict = await askOnce(address, args, signal)
    if (verdict.is !== 'unknown' || !verdict.again || attempt === ATTEMPTS || signal.aborted) return verdict
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_ATTEMPTS_MS))
  }
}

function addressOf({ url, service, scope, deploy, labels = [] }: GateArguments): URL | undefined {
  const base = URL.canParse(url) ? new URL(url) : undefined
  if (base?.protocol !== 'http:' && base?.protocol !== 'https:') return undefined
  const address = new URL(
    `${base.href.split(/[?#]/, 1)[0]?.replace(/\/+$/, '')}/v1/freezes/${encodeURIComponent(service)}`,
  )
  if (scope !== undefined) address.searchParams.set('scope', scope)
  if (deploy !== undefined) address.searchParams.set('deploy', deploy)
  for (const label of labels) address.searchParams.append('label', label)
  return address
}

async function askOnce(address: URL, { token, timeoutMs }: GateArguments, signal: AbortSignal): Promise<Verdict> {
  try {
    const response = await fetch(address, {
      headers: { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      // A redirect would carry the token elsewhere.
      redirect: 'error',
      signal,
    })
    return read(response.status, await response.text(), address.origin)
  } catch (error) {
    if (signal.aborted) return unknown(`incbot at ${address.origin} did not answer within ${timeoutMs} ms.`)
    return unknown(`incbot at ${address.origin} cannot be reached (${reason(error)}).`, true)
  }
}

const memory = { stale: z.boolean().default(false), asOf: z.iso.datetime() }
const free = z.object({ frozen: z.literal(false), ...memory })
const frozen = z.object({ frozen: z.literal(true), message: z.string(), ...memory })
const exempt = frozen.extend({ exempt: z.object({ kind: z.string(), value: z.string() }) })
const problem = z.object({ error: z.string() })

/** Only incbot's own words count: a proxy's page with status 200 frees nothing. */
function read(status: number, text: string, origin: string): Verdict {
  const body = json(text)
  const passes = status === 200 ? free.safeParse(body).data : undefined
  if (passes) return { is: 'free', ...when(passes) }
  const exempted = status === 200 ? exempt.safeParse(body).data : undefined
  if (exempted) return { is: 'exempt', message: printable(exempted.message), ...when(exempted) }
  const refused = status === 423 ? frozen.safeParse(body).data : undefined
  if (refused) return { is: 'frozen', message: printable(refused.message), ...when(refused) }
  const said = problem.safeParse(body)
  if (said.success)
    return unknown(`incbot at ${origin} answered ${status}: ${printable(said.data.error)}`, status === 503)
  return unknown(`what answered ${status} at ${origin} is not incbot. Check the address.`, status >= 500)
}

function when({ stale, asOf }: z.infer<typeof free> | z.infer<typeof frozen>): { readonly asOf?: string } {
  return stale ? { asOf } : {}
}

function unknown(why: string, again = false): Verdict {
  return { is: 'unknown', why, again }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** On one line and without control characters: a freeze's reason must not be able to write commands into a pipeline's log. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 1_000)
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return error instanceof Error ? error.message : 'unknown reason'
}
