import { Document } from 'yaml'
import type { AdmissionAccount, AdmissionOptions } from '../freeze/admission-policy.ts'
import { admissionManifests, userName } from '../freeze/admission-policy.ts'

export interface InstallArguments {
  readonly namespace: string
  /** "name", or "namespace/name" where it does not live in incbot's namespace. */
  readonly serviceAccount: string
  /** A user name instead, for who is no service account. */
  readonly user?: string | undefined
  /** Comma-separated; absent: all. */
  readonly namespaces?: string | undefined
}

interface Output {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

const ABOUT = ` Lets this cluster refuse deploys of workloads that incbot has frozen, also while incbot is down.
 Made by "incbot install kubernetes". Needs Kubernetes 1.30 or newer. Applying it again lifts no freeze.`

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const ACCOUNT = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

/** Prints the manifests of the admission policy; applies nothing. 0: printed; 2: an argument that no cluster could take. */
export function installKubernetes(args: InstallArguments, { stdout, stderr }: Output): 0 | 2 {
  const options = optionsOf(args)
  if (typeof options === 'string') {
    stderr.write(`${options}\n`)
    return 2
  }
  const documents = admissionManifests(options).map((manifest) => new Document(manifest))
  if (documents[0] !== undefined) documents[0].commentBefore = ABOUT
  stdout.write(documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n'))
  stderr.write(hints(options))
  return 0
}

/** The options, or a sentence about what is wrong with the arguments. */
function optionsOf({ namespace, serviceAccount, user, namespaces }: InstallArguments): AdmissionOptions | string {
  const narrowed = namespaces === undefined ? [] : namespaces.split(',').map((one) => one.trim())
  const wrong = [namespace, ...narrowed].find((one) => !NAMESPACE.test(one))
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is not the name of a namespace.`
  const account = user === undefined ? serviceAccountOf(serviceAccount, namespace) : userOf(user)
  return typeof account === 'string' ? account : { namespace, account, namespaces: narrowed }
}

function serviceAccountOf(text: string, home: string): AdmissionAccount | string {
  const [name = '', namespace = home, ...more] = text.split('/').reverse()
  if (more.length === 0 && ACCOUNT.test(name) && NAMESPACE.test(namespace)) {
    return { kind: 'ServiceAccount', namespace, name }
  }
  return `${JSON.stringify(text)} is not a service account. Write its name, or namespace/name.`
}

function userOf(name: string): AdmissionAccount | string {
  return name.trim() === '' ? 'The user has no name.' : { kind: 'User', name }
}

function hints({ namespace, account }: AdmissionOptions): string {
  return `Nothing was applied. Read it, then pipe it into: kubectl apply -f -
Then say in incbot.yaml, below clusters and the cluster's name: admission: { namespace: ${namespace} }
Only ${userName(account)} may change frozen workloads. It must be the account of the cluster's "write" credentials, which
\`kubectl auth whoami\` tells with that kubeconfig; else incbot's own restarts are refused while a freeze holds.
`
}
