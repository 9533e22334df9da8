import { describe, expect, it } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { type InstallArguments, installKubernetes } from '../../src/cli/install.ts'
import { admissionManifests } from '../../src/freeze/admission-policy.ts'

function run(change: Partial<InstallArguments> = {}) {
  const out: string[] = []
  const err: string[] = []
  const output = {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  }
  const code = installKubernetes({ namespace: 'incbot', serviceAccount: 'incbot-write', ...change }, output)
  return { code, out: out.join(''), err: err.join('') }
}

const manifestsIn = (yaml: string) => parseAllDocuments(yaml).map((document): unknown => document.toJS())

describe('incbot install kubernetes', () => {
  it('prints YAML that is the manifests, whatever the width of their expressions', () => {
    const { code, out } = run({ serviceAccount: 'ml/writer', namespaces: 'ml, shop' })
    expect(code).toBe(0)
    expect(manifestsIn(out)).toEqual(
      admissionManifests({
        namespace: 'incbot',
        account: { kind: 'ServiceAccount', namespace: 'ml', name: 'writer' },
        namespaces: ['ml', 'shop'],
      }),
    )
    expect(out).toMatch(/^# Lets this cluster refuse deploys/)
  })

  it('looks for the account in incbot’s own namespace', () => {
    expect(run({ namespace: 'ops' }).out).toContain('system:serviceaccount:ops:incbot-write')
  })

  it('takes a user who is no service account', () => {
    const { out } = run({ user: 'oidc:o\'hara "x"' })
    expect(manifestsIn(out)).toContainEqual(
      expect.objectContaining({
        kind: 'RoleBinding',
        subjects: [{ kind: 'User', name: 'oidc:o\'hara "x"', apiGroup: 'rbac.authorization.k8s.io' }],
      }),
    )
  })

  it('says beside it that nothing was applied, and what comes next', () => {
    const { err } = run({ namespace: 'ops' })
    expect(err).toContain('Nothing was applied')
    expect(err).toContain('admission: { namespace: ops }')
    expect(err).toContain('Only system:serviceaccount:ops:incbot-write may')
  })

  it.each<[string, Partial<InstallArguments>, string]>([
    ['a namespace', { namespace: 'Not One' }, '"Not One" is not the name of a namespace.\n'],
    ['a namespace to freeze in', { namespaces: 'ml,,shop' }, '"" is not the name of a namespace.\n'],
    [
      'an account',
      { serviceAccount: 'a/b/c' },
      '"a/b/c" is not a service account. Write its name, or namespace/name.\n',
    ],
    [
      'an account of nobody',
      { serviceAccount: 'ml/' },
      '"ml/" is not a service account. Write its name, or namespace/name.\n',
    ],
    ['a user', { user: ' ' }, 'The user has no name.\n'],
  ])('prints nothing where %s cannot exist', (_what, change, said) => {
    expect(run(change)).toEqual({ code: 2, out: '', err: said })
  })
})
