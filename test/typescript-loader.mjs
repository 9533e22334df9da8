import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'

// Lets a test start a TypeScript file as a process of its own: `node --import test/typescript-loader.mjs file.ts`.
// Node runs the hooks below in a thread of their own, which loads this file again.
if (isMainThread) register(import.meta.url)

/** Strips types as the tests' own transform does. */
export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  const { transform } = await import('@swc/core')
  const path = fileURLToPath(url)
  const { code } = await transform(await readFile(path, 'utf8'), {
    filename: path,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  })
  return { format: 'module', source: code, shortCircuit: true }
}
