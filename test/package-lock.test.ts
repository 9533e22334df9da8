import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { z } from 'zod'

const lock = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).default({}) })),
})

// npm leaves out what the registry did not offer when the lock was made, and `npm ci` then refuses the lock, here or on another system.
it('package-lock.json names the binaries of every system', () => {
  const { packages } = lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))
  const there = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)))
  const wanted = Object.values(packages).flatMap((one) => Object.keys(one.optionalDependencies))
  expect(wanted.length).toBeGreaterThan(50)
  expect(wanted.filter((name) => !there.has(name))).toEqual([])
})
