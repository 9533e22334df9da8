import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Every write of the process into a file fails for `ms` as on a disk without room (ENOSPC), by strace, which then lets go of it. Resolves
 * when there is room again; rejects when strace may not trace here.
 */
export async function fillDisk(pid: number, ms: number): Promise<void> {
  const inject = ['-e', 'trace=pwrite64', '-e', 'inject=pwrite64:error=ENOSPC']
  const tracer = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...inject, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  tracer.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  const ended = once(tracer, 'exit')
  const early = await Promise.race([sleep(ms, 'in time' as const), ended])
  if (early !== 'in time') throw new Error(`strace could not fill the disk of ${pid}: ${complaints}`)
  tracer.kill('SIGINT')
  await ended
}
