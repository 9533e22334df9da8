import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { defaultOf, ENVIRONMENT_VARIABLES } from '../../src/config/environment-variables.ts'

const service = z.object({
  image: z.string(),
  build: z.unknown().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(z.object({ source: z.string() })).default([]),
  volumes: z.array(z.unknown()),
  ports: z.array(z.unknown()).default([]),
  profiles: z.array(z.string()).default([]),
  read_only: z.literal(true),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
})
const composeFile = z.object({
  services: z.record(z.string(), service),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
  volumes: z.record(z.string(), z.unknown()),
})

/** What Compose makes of a file: version 2 as a Docker plugin, or Debian's version 1. Neither needs an engine for that. */
function compose(file: string, ...args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const asPlugin = spawnSync('docker', ['compose', 'version']).status === 0
  const [program, first] = asPlugin ? ['docker', ['compose']] : ['docker-compose', []]
  const { status, stdout, stderr, error } = spawnSync(program, [...first, '--file', file, ...args], {
    encoding: 'utf8',
  })
  if (error) {
    const install =
      'Debian `apt-get install --no-install-recommends docker-compose`, macOS `brew install docker-compose`'
    throw new Error(`These tests need Compose on the PATH. Install it: ${install}.`, { cause: error })
  }
  return { code: status, output: status === 0 ? stdout : stderr }
}

describe('docker-compose.yml', () => {
  const written = readFileSync('docker-compose.yml', 'utf8')
  let folder: string
  let file: z.infer<typeof composeFile>
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'incbot-compose-'))
    const { code, output } = compose('docker-compose.yml', '--profile', 'replicas', 'config')
    if (code !== 0) throw new Error(`Compose refuses the file: ${output}`)
    file = composeFile.parse(parse(output))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is judged by something that refuses mistakes', () => {
    const wrong = join(folder, 'docker-compose.yml')
    writeFileSync(wrong, written.replace('read_only: true', 'readonly: true'))
    const { code, output } = compose(wrong, 'config')
    expect(code).not.toBe(0)
    expect(output).toMatch(/readonly/)
  })

  it('has incbot, a Prometheus, and a Redis that starts only when asked for', () => {
    expect(Object.keys(file.services).sort()).toEqual(['incbot', 'prometheus', 'redis'])
    expect(file.services.redis?.profiles).toEqual(['replicas'])
    expect(file.services.incbot?.profiles).toEqual([])
  })

  it('gives no service a writable system, a capability or a way to more rights', () => {
    for (const one of Object.values(file.services)) {
      expect(one).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
    }
  })

  it('publishes ports to this host alone, and incbot’s metrics to nobody', () => {
    const ports = Object.values(file.services).flatMap((one) => one.ports.map((port) => JSON.stringify(port)))
    expect(ports).toHaveLength(2)
    for (const port of ports) expect(port).toContain('127.0.0.1')
    expect(JSON.stringify(file.services.incbot?.ports)).not.toContain('9090')
  })

  it('passes secrets as files that incbot knows or its example names', () => {
    const { environment = {}, secrets = [] } = file.services.incbot ?? {}
    const known = new Set<string>(
      ENVIRONMENT_VARIABLES.flatMap((one) => (one.secret ? [`${one.name}_FILE`] : [one.name])),
    )
    // The Redis of this file has no login, so that its address is no secret; unset, the records are in a volume.
    const { REDIS_URL: redisUrl, ...others } = environment
    expect(redisUrl).toBe(process.env.REDIS_URL ?? '')
    const named = [...readFileSync('incbot.example.yaml', 'utf8').matchAll(/tokenEnv: (\w+)/g)].map(
      ([, name]) => `${name}_FILE`,
    )
    expect(Object.keys(others).filter((name) => !known.has(name) && !named.includes(name))).toEqual([])
    const files = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'))
    expect(files.map(([, path]) => path).toSorted()).toEqual(
      secrets.map(({ source }) => `/run/secrets/${source}`).toSorted(),
    )
    expect(Object.keys(environment)).toEqual(expect.arrayContaining(named))
    for (const { source } of secrets) expect(file.secrets[source]?.file).toMatch(/\/secrets\//)
  })

  it('mounts files that are there, but for those that whoever runs it writes', () => {
    const mounted = [...written.matchAll(/^ +- (\.\/[^:]+):/gm)].map(([, path]) => path ?? '')
    expect(mounted).toContain('./runbooks')
    expect(mounted.filter((path) => !existsSync(path))).toEqual(existsSync('incbot.yaml') ? [] : ['./incbot.yaml'])
  })

  it('keeps what must last in volumes', () => {
    expect(Object.keys(file.volumes).sort()).toEqual(['incbot-data', 'prometheus-data', 'redis-data'])
    expect(JSON.stringify(file.services.incbot?.volumes)).toContain('/var/lib/incbot')
  })
})

it('deploy/prometheus.yml is one that Prometheus reads, and scrapes where incbot listens', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', 'deploy/prometheus.yml'], {
    encoding: 'utf8',
  })
  expect(`${stdout}${stderr}`).toContain('SUCCESS')
  expect(status).toBe(0)
  expect(readFileSync('deploy/prometheus.yml', 'utf8')).toContain(`incbot:${defaultOf('OPS_PORT')}`)
})

describe('the Dockerfile', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8')
  const steps = [...dockerfile.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, word, rest]) => ({ word, rest: rest ?? '' }))

  it('copies what is there and what .dockerignore lets through', () => {
    const sources = steps
      .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
    const letThrough = [...readFileSync('.dockerignore', 'utf8').matchAll(/^!(.+)$/gm)].map(([, path]) => path)
    expect(sources).toContain('src')
    expect(sources.filter((path) => !existsSync(path))).toEqual([])
    expect(letThrough.map(String).toSorted()).toEqual(sources.toSorted())
  })

  it('ends as a user without rights, on the Node that incbot is tested with', () => {
    expect(steps.filter(({ word }) => word === 'FROM').map(({ rest }) => rest.split(' ')[0])).toEqual([
      'node:20-slim',
      'node:20-slim',
    ])
    expect(steps.findLast(({ word }) => word === 'USER')?.rest).toBe('node')
    expect(steps.find(({ word }) => word === 'STOPSIGNAL')?.rest).toBe('SIGTERM')
  })

  it('sets only variables that incbot knows, and can be reached from outside', () => {
    const block = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile)?.[1] ?? ''
    const set = Object.fromEntries([...block.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]))
    const known = ['NODE_ENV', ...ENVIRONMENT_VARIABLES.map(({ name }) => name)]
    expect(Object.keys(set).filter((name) => !known.includes(name))).toEqual([])
    expect(set).toMatchObject({ HOST: '0.0.0.0', INCBOT_DATA_DIR: '/var/lib/incbot' })
    expect(dockerfile).toContain('VOLUME /var/lib/incbot')
  })
})
