import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

const KUBECTL = '{ "clientVersion": { "major": "1", "minor": "32+" } }'
const WORKING = {
  prometheus: '',
  promtool: '',
  kubectl: KUBECTL,
  'docker-compose': '',
  'redis-server': '',
  curl: '',
  strace: '',
}

/** Runs the provisioning on a machine that has these programs and no others, each printing its text. It may install nothing. */
describe('test/provision.mjs --look', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'incbot-provision-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function look(programs: Readonly<Record<string, string>>): { readonly code: number | null; readonly output: string } {
    symlinkSync('/bin/cat', join(folder, 'cat'))
    for (const [name, text] of Object.entries(programs)) {
      const path = join(folder, name)
      writeFileSync(path, `#!/bin/sh\ncat <<END\n${text}\nEND\n`)
      chmodSync(path, 0o755)
    }
    const { status, stdout } = spawnSync(process.execPath, ['test/provision.mjs', '--look'], {
      env: { PATH: folder },
      encoding: 'utf8',
    })
    return { code: status, output: stdout }
  }

  it('is content with a machine that has everything', () => {
    expect(look(WORKING).code).toBe(0)
  })

  it('takes Compose as a Docker plugin as well', () => {
    const { 'docker-compose': _none, ...others } = WORKING
    expect(look({ ...others, docker: '' }).code).toBe(0)
  })

  it('says what is missing, what it is for, and what to install on which system', () => {
    const { prometheus: _first, promtool: _second, ...others } = WORKING
    const { code, output } = look(others)
    expect(code).toBe(1)
    expect(output).toContain('  prometheus: the real Prometheus')
    expect(output).toMatch(/^Debian and Ubuntu: .*apt-get install --no-install-recommends prometheus$/m)
    expect(output).toMatch(/^macOS: +brew install prometheus$/m)
    expect(output).not.toContain('kubectl')
  })

  it.each([
    ['older than 1.20', '{ "clientVersion": { "minor": "18" } }'],
    ['a stub that prints something else', 'Install it with a package manager.'],
  ])('does not take a kubectl that is %s', (_what, kubectl) => {
    const { code, output } = look({ ...WORKING, kubectl })
    expect(code).toBe(1)
    expect(output).toContain('kubernetes-client')
  })
})
