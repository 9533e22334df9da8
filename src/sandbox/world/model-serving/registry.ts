import { askGate, type Gate } from '../gate.ts'
import type { ModelVersion } from './model-server.ts'
import { SERVICE } from './service.ts'
import type { VersionSource } from './versions.ts'

/** One try to deploy, and what the gate had to do with it. */
export interface DeployAttempt {
  readonly at: number
  readonly model: string
  readonly version: string
  readonly result: 'deployed' | 'refused'
  readonly gate: 'free' | 'frozen' | 'unanswered' | 'not-asked'
  /** The gate's reason for refusing, or why it gave no answer. */
  readonly reason?: string
}

/** The model registry: versions go to every pod, if the gate has nothing against it. */
export interface Registry {
  /** Deploys the next version of a model, of any one where none is named. A gate that does not answer stops nothing. */
  deploy(model?: string): Promise<DeployAttempt>
  readonly attempts: readonly DeployAttempt[]
}

export function createRegistry(options: {
  readonly versions: VersionSource
  /** Asked anew each time, since the gate may move in later. */
  readonly gate: () => Gate | undefined
  readonly load: (version: ModelVersion) => void
  readonly onAttempt: (attempt: DeployAttempt) => void
}): Registry {
  const attempts: DeployAttempt[] = []

  async function decide(deploy: string): Promise<Pick<DeployAttempt, 'result' | 'gate' | 'reason'>> {
    const gate = options.gate()
    if (gate === undefined) return { result: 'deployed', gate: 'not-asked' }
    const answer = await askGate(gate, { service: SERVICE, scope: 'model', deploy })
    if (answer.result === 'free') return { result: 'deployed', gate: 'free' }
    return { result: answer.result === 'frozen' ? 'refused' : 'deployed', gate: answer.result, reason: answer.reason }
  }

  return {
    attempts,
    async deploy(model) {
      const version = options.versions.next(model)
      const decision = await decide(`${version.model} ${version.version}`)
      if (decision.result === 'deployed') options.load(version)
      const attempt = { at: Date.now(), model: version.model, version: version.version, ...decision }
      attempts.push(attempt)
      options.onAttempt(attempt)
      return attempt
    },
  }
}
