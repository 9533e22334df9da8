import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { installKubernetes } from '../../src/cli/install.ts'
import type { KubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { aGuardedFreeze, anExemption } from '../freeze/builders.ts'
import { aWorkload, inTime, removeKubeconfigs } from '../kubernetes/accounts.ts'
import { CI, guardedCluster, guardOf } from '../kubernetes/guarded-cluster.ts'
import { aDeployment, stopClusters } from '../sandbox/kubernetes/cluster.ts'

jest.setTimeout(30_000)

const WEB = aWorkload('Deployment', 'web')

describe('kubectl and a frozen workload', () => {
  let cluster: KubernetesStandIn
  let folder: string
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'incbot-kubectl-'))
    cluster = await guardedCluster([])
    writeFileSync(join(folder, 'config'), cluster.kubeconfig(CI.name))
    writeFileSync(join(folder, 'incbot.yaml'), printed())
    const { code, output } = await kubectl('apply', '-f', join(folder, 'incbot.yaml'))
    if (code !== 0) throw new Error(`kubectl does not apply what incbot prints: ${output}`)
  })
  afterEach(async () => {
    removeKubeconfigs()
    await stopClusters()
    rmSync(folder, { recursive: true })
  })

  /** What `incbot install kubernetes` prints, without the Role and its binding, which the stand-in does not serve. */
  function printed(): string {
    const out: string[] = []
    const output = { stdout: { write: (text: string) => out.push(text) }, stderr: { write: () => undefined } }
    installKubernetes({ namespace: 'incbot', serviceAccount: 'incbot-write' }, output)
    const documents = out.join('').split('---\n')
    return documents.filter((one) => !one.includes('apiVersion: rbac.')).join('---\n')
  }

  /** Runs kubectl as a pipeline, for at most 20 seconds. */
  const kubectl = (...args: string[]): Promise<{ code: number; output: string }> => {
    const env = { ...process.env, KUBECONFIG: join(folder, 'config'), HOME: folder }
    return new Promise((resolve) => {
      execFile('kubectl', args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` })
      })
    })
  }
  const freeze = (exemptions: Parameters<typeof anExemption>[] = []) =>
    guardOf(cluster).enforce(
      [aGuardedFreeze({ exemptions: exemptions.map((one) => anExemption(...one)) }, [WEB])],
      inTime(),
    )

  it.each([
    ['a restart', ['rollout', 'restart', 'deployment/web']],
    ['a new image', ['set', 'image', 'deployment/web', 'server=web:2.0']],
    ['a new variable', ['set', 'env', 'deployment/web', 'A=b']],
  ])('is told by %s who froze it, why, until when and how that ends', async (_what, args) => {
    await freeze()
    const { code, output } = await kubectl(...args)
    expect(code).toBe(1)
    expect(output).toMatch(
      /ValidatingAdmissionPolicy 'incbot-freeze' with binding 'incbot-freeze' denied request: Workload deploys of inference are frozen until 05:42 UTC \(2 h from 03:42 UTC\) by U0ANA: memory grows with every deploy\. An approver can lift it in Slack with “\/inc unfreeze inference”\./,
    )
    expect(cluster.get('Deployment', 'default', 'web')?.metadata.generation).toBe(1)
  })

  it('may scale it, annotate it and pause it', async () => {
    await freeze()
    expect(await kubectl('scale', 'deployment/web', '--replicas=4')).toMatchObject({ code: 0 })
    expect(await kubectl('annotate', 'deployment/web', 'note=x')).toMatchObject({ code: 0 })
    expect(await kubectl('rollout', 'pause', 'deployment/web')).toMatchObject({ code: 0 })
  })

  it('may not delete it and make it anew', async () => {
    await freeze()
    writeFileSync(join(folder, 'web.json'), JSON.stringify(aDeployment('web')))
    expect(await kubectl('delete', 'deployment', 'web')).toMatchObject({ code: 0 })
    const { code, output } = await kubectl('create', '-f', join(folder, 'web.json'))
    expect([code, output]).toEqual([1, expect.stringContaining('are frozen until')])
  })

  it('deploys the hot-fix that was exempted', async () => {
    await freeze([['label', 'hotfix=INC-4892']])
    expect(await kubectl('label', 'deployment/web', 'hotfix=INC-4892')).toMatchObject({ code: 0 })
    expect(await kubectl('set', 'image', 'deployment/web', 'server=web:2.0')).toMatchObject({ code: 0 })
  })

  it('applies the manifests again without lifting anything', async () => {
    await freeze()
    expect((await kubectl('apply', '-f', join(folder, 'incbot.yaml'))).output).toContain(
      'configmap/incbot-freezes unchanged',
    )
    expect((await kubectl('rollout', 'restart', 'deployment/web')).code).toBe(1)
  })

  it('shows every freeze, and lifts one by hand, as docs/freezes.md says', async () => {
    await freeze()
    const shown = await kubectl('--namespace', 'incbot', 'get', 'configmap', 'incbot-freezes', '-o', 'jsonpath={.data}')
    expect(shown.output).toContain('"until.default.Deployment.web":"2026-03-15T05:42:00.000Z"')
    const patch = '{"data":{"frozen.default.Deployment.web":null}}'
    const lift = ['--namespace', 'incbot', 'patch', 'configmap', 'incbot-freezes', '--type=merge', '--patch', patch]
    expect(await kubectl(...lift)).toMatchObject({ code: 0 })
    expect(await kubectl('rollout', 'restart', 'deployment/web')).toMatchObject({ code: 0 })
  })

  it('takes all of it away by its binding', async () => {
    await freeze()
    expect(await kubectl('delete', 'validatingadmissionpolicybinding', 'incbot-freeze')).toMatchObject({ code: 0 })
    expect(await kubectl('rollout', 'restart', 'deployment/web')).toMatchObject({ code: 0 })
  })
})
