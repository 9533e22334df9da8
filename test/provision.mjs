// Finds out whether this machine has the programs that the tests judge incbot by, and installs what is missing where it may.
// `--look` installs nothing. Exit 0: everything is there. Exit 1: something is missing, and what to install has been printed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const POLICY = '/usr/sbin/policy-rc.d'
const MINUTES = 60_000

/** A program that is on the PATH may still be a stub or too old, so each is asked to do something. */
const PROGRAMS = [
  {
    name: 'prometheus',
    use: 'the real Prometheus that queries and answers are compared with',
    works: () => run('prometheus', ['--version']).ok,
    debian: 'prometheus',
    macos: 'prometheus',
  },
  {
    name: 'promtool',
    use: 'loads samples into that Prometheus, checks deploy/prometheus.yml',
    works: () => run('promtool', ['--version']).ok,
    debian: 'prometheus',
    macos: 'prometheus',
  },
  {
    name: 'kubectl (1.20 or newer)',
    use: 'the real client that the simulated cluster must satisfy',
    works: () => kubectlMinor() >= 20,
    debian: 'kubernetes-client',
    macos: 'kubectl',
  },
  {
    name: 'docker compose or docker-compose',
    use: 'reads docker-compose.yml; no engine is needed',
    works: () => run('docker-compose', ['version']).ok || run('docker', ['compose', 'version']).ok,
    debian: 'docker-compose',
    macos: 'docker-compose',
  },
  {
    name: 'redis-server',
    use: 'the real Redis that replicas share, killed and restarted by the tests',
    works: () => run('redis-server', ['--version']).ok,
    debian: 'redis-server',
    macos: 'redis',
  },
  {
    name: 'curl',
    use: 'asks the deploy gate as a model registry’s hook does',
    works: () => run('curl', ['--version']).ok,
    debian: 'curl',
    macos: 'curl',
  },
  {
    name: 'strace',
    use: 'makes the disk fail under the store',
    works: () => process.platform !== 'linux' || run('strace', ['-V']).ok,
    debian: 'strace',
    macos: undefined,
  },
]

process.exitCode = provision(process.argv.includes('--look'))

function provision(onlyLook) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    say(`This is Node ${process.versions.node}; incbot needs 20 or newer. Install it from https://nodejs.org/.`)
    return 1
  }
  if (process.platform === 'darwin')
    say('strace exists on Linux only, so test/parts/store-fsync.test.ts will fail here. Run it in a Linux container.')
  let missing = PROGRAMS.filter(({ works }) => !works())
  if (missing.length > 0 && !onlyLook && isDebian() && process.getuid?.() === 0) {
    install([...new Set(missing.map(({ debian }) => debian))])
    missing = missing.filter(({ works }) => !works())
  }
  if (missing.length === 0) return 0
  say('The tests need programs that are missing, or do not work, on this machine:')
  for (const { name, use } of missing) say(`  ${name}: ${use}`)
  const packages = (system) =>
    [...new Set(missing.map((one) => one[system]).filter((one) => one !== undefined))].join(' ')
  say(`Debian and Ubuntu:  sudo apt-get install --no-install-recommends ${packages('debian')}`)
  if (packages('macos') !== '') say(`macOS:              brew install ${packages('macos')}`)
  return 1
}

function install(packages) {
  say(`Installing ${packages.join(', ')} with apt …`)
  // Debian starts a service as soon as its package is there; the tests start their own, on ports of their own.
  const hold = !existsSync(POLICY)
  if (hold) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    for (const args of [
      ['update', '-q'],
      ['install', '-q', '-y', '--no-install-recommends', ...packages],
    ]) {
      const { ok, output } = run('apt-get', args, 5 * MINUTES)
      if (!ok) return say(`apt-get ${args.join(' ')} failed:\n${output.trim()}`)
    }
  } finally {
    if (hold) rmSync(POLICY)
  }
}

function isDebian() {
  const file = '/etc/os-release'
  return existsSync(file) && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync(file, 'utf8'))
}

function kubectlMinor() {
  const { ok, output } = run('kubectl', ['version', '--client', '-o', 'json'])
  return ok ? Number(/"minor": *"(\d+)/.exec(output)?.[1] ?? 0) : 0
}

function run(program, args, timeout = MINUTES) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, timeout, encoding: 'utf8' })
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` }
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
