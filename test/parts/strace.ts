import { spawnSync } from 'node:child_process'

/** One finished system call, in the order in which the kernel finished them. */
export interface SystemCall {
  readonly name: string
  /** The file behind its first argument, where that is a descriptor. */
  readonly file: string
  readonly text: string
  readonly succeeded: boolean
}

/** Throws with what to do unless strace can trace and inject here. */
export function requireStrace(): void {
  const probe = spawnSync(
    'strace',
    ['-f', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO', process.execPath, '-e', '0'],
    {
      encoding: 'utf8',
    },
  )
  if (probe.error) {
    throw new Error(
      `This test makes fsync fail under the store, and needs strace for it, which is not here (${probe.error.message}). ` +
        'On Debian and Ubuntu: apt-get install strace. strace exists on Linux only; on macOS run this suite in a Linux container.',
    )
  }
  if (probe.status !== 0) {
    throw new Error(
      `strace is here but may not trace other processes (${probe.stderr.trim()}). ` +
        'This sandbox forbids ptrace: allow it (Docker: --cap-add SYS_PTRACE; Linux: sysctl kernel.yama.ptrace_scope=1), or run the suite elsewhere.',
    )
  }
}

/** The command under strace, with its trace in `traceFile`. `inject` is in strace's words, such as `fsync:error=EIO:when=3+`. */
export function traced(
  command: readonly [string, ...string[]],
  traceFile: string,
  inject?: string,
): readonly [string, ...string[]] {
  const injection = inject ? ['-e', `inject=${inject}`] : []
  const trace = 'trace=fsync,fdatasync,write,pwrite64'
  return ['strace', '-f', '-y', '-s', '200', '-o', traceFile, '-e', trace, ...injection, ...command]
}

/** Reads a trace. A call that another thread interrupted is written in two halves; it counts where it ended. */
export function parseTrace(trace: string): readonly SystemCall[] {
  const begun = new Map<string, string>()
  const calls: SystemCall[] = []
  for (const line of trace.split('\n')) {
    const [, process = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(process, rest.slice(0, -'<unfinished ...>'.length))
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const text = resumed ? `${begun.get(process) ?? ''}${resumed[1]}` : rest
    const [, name, file = ''] = /^(\w+)\(\d+(?:<([^>]*)>)?/.exec(text) ?? []
    if (name) calls.push({ name, file, text, succeeded: / = \d+/.test(text) })
  }
  return calls
}
