import { DEPLOY_SCOPES, type DeployScope } from './covers.ts'

/** What a pipeline says about the deploy that it is about to make. */
export interface Deploy {
  /** Absent: it does not say, so any freeze counts. */
  readonly scope?: DeployScope
  readonly name?: string
  /** "key=value" each. */
  readonly labels: readonly string[]
}

/** Parameters of a query: all values of each name, in order. */
export type Query = Readonly<Record<string, readonly string[] | undefined>>

const LONGEST_NAME = 200
/** A prefix of 253, a slash, a key and a value of 63 each, as Kubernetes allows. */
const LONGEST_LABEL = 400
const MOST_LABELS = 50

/** The deploy that is asked about, or what is wrong with the question, in a sentence. Parameters with other names are ignored. */
export function readDeploy(query: Query): { readonly deploy: Deploy } | { readonly problem: string } {
  const { scope: scopes = [], deploy: names = [], label: labels = [] } = query
  const [given] = scopes
  const scope = DEPLOY_SCOPES.find((one) => one === given)
  const [name] = names
  if (scopes.length > 1 || (given !== undefined && scope === undefined)) return { problem: BAD_SCOPE }
  if (names.length > 1 || (name !== undefined && !isText(name, LONGEST_NAME))) return { problem: BAD_NAME }
  if (labels.length > MOST_LABELS || !labels.every(isLabel)) return { problem: BAD_LABEL }
  return { deploy: { ...(scope && { scope }), ...(name !== undefined && { name }), labels } }
}

const BAD_SCOPE =
  'scope is what is about to be deployed: model or workload, once. Leave it out to be stopped by any freeze.'
const BAD_NAME = `deploy is the name of what is about to be deployed, such as a version or a commit: once, 1 to ${LONGEST_NAME} characters that can be seen.`
const BAD_LABEL = `label is key=value and may be given up to ${MOST_LABELS} times, each with at most ${LONGEST_LABEL} characters that can be seen.`

function isLabel(text: string): boolean {
  return isText(text, LONGEST_LABEL) && /^[^=]+=/.test(text)
}

function isText(text: string, longest: number): boolean {
  return text.trim() !== '' && text.length <= longest && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u.test(text)
}
