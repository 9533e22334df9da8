import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'

const locked = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
  link: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  os: z.array(z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
})
const lock = z.object({ lockfileVersion: z.number(), packages: z.record(z.string(), locked) })
const manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
})

const { lockfileVersion, packages } = lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))
const installed = Object.entries(packages).filter(([path]) => path !== '')
const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path

/** What runs while it is installed, and why it may. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  '@swc/core': 'only checks that its binary is there; for tests',
  'msgpackr-extract': 'optional, of bullmq: looks for its prebuilt binary and compiles it where there is none',
}

/** Of what users get. All of them allow use and distribution beside Apache-2.0; MPL-2.0 asks for its own files only. */
const LICENCES = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Unlicense',
  'Python-2.0',
  'MPL-2.0',
]

describe('package-lock.json', () => {
  // npm leaves out what the registry did not offer when the lock was made, and `npm ci` then refuses the lock, here or on another system.
  it('names the binaries of every system', () => {
    const there = new Set(Object.keys(packages).map(nameOf))
    const wanted = Object.values(packages).flatMap((one) => Object.keys(one.optionalDependencies))
    expect(wanted.length).toBeGreaterThan(50)
    expect(wanted.filter((name) => !there.has(name))).toEqual([])
  })

  // Where it is unknown, it is a binary of a tool for another system than the one that the lock was made on.
  it('pins the content of every package that users get, and of every tool that runs here', () => {
    const pinned = ({ integrity }: z.output<typeof locked>) => /^sha512-[\w+/]{86}==$/.test(integrity ?? '')
    const loose = installed.filter(([, one]) => !pinned(one))
    expect(installed.length - loose.length).toBeGreaterThan(500)
    expect(
      loose.filter(([, { dev, optional, os }]) => !(dev && optional && os !== undefined)).map(([path]) => path),
    ).toEqual([])
    expect(lockfileVersion).toBe(3)
  })

  it('takes everything from a registry over https, nothing from git, a link, a folder or an address', () => {
    const from = installed.filter(([, { resolved, link }]) => link || !/^https:\/\/|^$/.test(resolved ?? ''))
    expect(from.map(([path]) => path)).toEqual([])
    const unversioned = installed.filter(([, { version }]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version ?? ''))
    expect(unversioned.map(([path]) => path)).toEqual([])
    const { dependencies, devDependencies } = manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')))
    const asked = Object.entries({ ...dependencies, ...devDependencies })
    expect(asked.filter(([, range]) => !/^[~^]?\d+(\.\d+){0,2}$/.test(range))).toEqual([])
  })

  it('runs no script at installation but those that were looked at', () => {
    const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))
    expect(scripts.filter((name) => !(name in INSTALL_SCRIPTS))).toEqual([])
  })

  it('gives users nothing under a licence that asks more of them', () => {
    const shipped = installed.filter(([, { dev }]) => !dev)
    expect(shipped.length).toBeGreaterThan(100)
    const strange = shipped.filter(([, { license = 'none' }]) => !isAllowed(license))
    expect(strange.map(([path, { license }]) => `${nameOf(path)}: ${license}`)).toEqual([])
  })
})

/** Of several that one may choose from, one must be allowed; of several that all count, all. */
function isAllowed(licence: string): boolean {
  return licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => LICENCES.includes(one)))
}
