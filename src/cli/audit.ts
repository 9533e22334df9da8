import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type AuditedIncident, type AuditHead, createAuditJudge } from '../app/audit-judge.ts'
import { AuditError, type AuditPlace, recordedLines } from '../app/audit-records.ts'
import { defaultOf } from '../config/environment-variables.ts'
import { parseHeads } from './audit-heads.ts'
import { fileText, linesIn, readEntry } from './audit-lines.ts'
import { readRecordsPlace } from './records-place.ts'

export interface AuditOutput {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: { write(text: string): unknown }
}

/** Writes every recorded entry, or those of one incident, as lines of JSON. 0: all of them; 2: they cannot be read, or not to the end. */
export async function auditExport(
  incident: string | undefined,
  env: NodeJS.ProcessEnv,
  output: AuditOutput,
): Promise<0 | 2> {
  return orExplained(output, async () => {
    let isEmpty = true
    async function* counted() {
      for await (const text of recordedLines(placeOf(env), incident)) {
        isEmpty = false
        yield text
      }
    }
    try {
      await pipeline(Readable.from(counted()), output.stdout, { end: false })
    } catch (error) {
      // Whoever reads has seen enough: `| head`.
      if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 2
      throw error
    }
    if (!isEmpty) return 0
    output.stderr.write(incident === undefined ? 'Nothing is recorded yet.\n' : `Nothing is recorded of ${incident}.\n`)
    return incident === undefined ? 0 : 2
  })
}

export interface VerifyArguments {
  /** An export; the records themselves where absent. */
  readonly file?: string | undefined
  /** "41:0123456789abcdef", each of the incident at the same place. */
  readonly heads: readonly string[]
  readonly incidents: readonly string[]
}

/** Verifies an export, or the records. 0: all is as it was recorded; 1: something is not; 2: it cannot be told. */
export async function auditVerify(
  { file, heads: given, incidents }: VerifyArguments,
  env: NodeJS.ProcessEnv,
  output: AuditOutput,
): Promise<0 | 1 | 2> {
  return orExplained(output, async () => {
    const heads = parseHeads(given, incidents)
    if (typeof heads === 'string') throw new AuditError(heads)
    const judge = createAuditJudge(heads)
    const strange: number[] = []
    let line = 0
    for await (const text of linesIn(file === undefined ? recordedLines(placeOf(env)) : fileText(file))) {
      line += 1
      const entry = readEntry(text)
      if (entry === undefined) strange.push(line)
      else judge.take(entry, line)
    }
    if (line === 0 && heads.length === 0) throw new AuditError('There is not one entry, so nothing was verified.')
    const judged = judge.incidents()
    const missing = judge.missingHeads()
    for (const one of judged) output.stdout.write(`${incidentLine(one)}\n`)
    for (const one of strange) output.stdout.write(`line ${one} is no entry of a timeline\n`)
    for (const head of heads) output.stdout.write(`${headLine(head, missing.includes(head), judged)}\n`)
    const isWhole = judged.every(({ broken }) => broken === undefined) && strange.length === 0 && missing.length === 0
    output.stdout.write(isWhole ? 'All is as it was recorded.\n' : 'This is not what was recorded.\n')
    return isWhole ? 0 : 1
  })
}

function incidentLine({ incidentId, entries, end, broken }: AuditedIncident): string {
  if (broken !== undefined)
    return `${incidentId}: entry ${broken.sequence} is changed, missing or out of place (line ${broken.line})`
  const head = end === undefined ? '' : `, head ${end.sequence}:${end.hash.slice(0, 16)}`
  return `${incidentId}: ok, ${entries} ${entries === 1 ? 'entry' : 'entries'}${head}`
}

function headLine(head: AuditHead, isMissing: boolean, judged: readonly AuditedIncident[]): string {
  const name = `${head.incidentId}: head ${head.sequence}:${head.hash}`
  if (!isMissing) return `${name} is in the chain`
  const isThere = judged.some(({ incidentId }) => incidentId === head.incidentId)
  return isThere
    ? `${name} is not in the chain: what stood there was cut off or rewritten`
    : `${name} is not there: nothing is left of this incident`
}

async function orExplained<Code extends 0 | 1 | 2>(
  { stderr }: AuditOutput,
  work: () => Promise<Code>,
): Promise<Code | 2> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    stderr.write(`${error.message}\n`)
    return 2
  }
}

function placeOf(env: NodeJS.ProcessEnv): AuditPlace {
  const records = readRecordsPlace(env)
  if (!records.ok) throw new AuditError(records.problems.join('\n'))
  const host = env.HOST ?? defaultOf('HOST') ?? '127.0.0.1'
  const opsPort = Number(env.OPS_PORT ?? defaultOf('OPS_PORT'))
  if (Number.isInteger(opsPort) && opsPort > 0 && opsPort < 65_536) return { ...records.place, host, opsPort }
  throw new AuditError(`OPS_PORT is ${JSON.stringify(env.OPS_PORT)}; expected the port number that incbot runs with.`)
}
