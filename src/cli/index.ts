import { Command, CommanderError, Option } from 'commander'
import { ConfigurationError } from '../app/load.ts'

/** Exit codes: 0 done, 1 the answer is no (frozen, problems found), 2 cannot tell or wrong usage, 78 bad configuration (sysexits EX_CONFIG). */
const BAD_CONFIGURATION = 78

/** Runs one command line and resolves with the exit code. Each command's code is loaded when it is used. */
export async function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let code = 0
  const program = new Command('incbot')
    .description(
      'An incident bot: runs the runbook when the page goes off and posts the diagnosis, with numbers, into Slack.',
    )
    .exitOverride()
    .showSuggestionAfterError()

  program
    .command('serve')
    .description('run the bot; configured by incbot.yaml and the environment')
    .action(async () => {
      const { serve } = await import('./serve.ts')
      code = await serve(env)
    })
  program
    .command('demo [story]')
    .description('play an incident against the sandbox, with the real bot')
    .option('--once', 'exit after the story instead of staying for a look around')
    .action(async (story: string | undefined, options: { once?: boolean }) => {
      const { demo } = await import('./demo/index.ts')
      code = await demo({ once: options.once === true, ...(story !== undefined && { story }) }, process)
    })
  program
    .command('lint')
    .description('check incbot.yaml and every runbook; reports all problems')
    .action(async () => {
      const { lint } = await import('./lint.ts')
      code = await lint(env, process)
    })
  program
    .command('runbook')
    .description('work on runbooks')
    .command('lint [folder]')
    .description('check every runbook of a folder; reports all problems of all files')
    .action(async (folder: string | undefined) => {
      const { lintRunbooks } = await import('./lint.ts')
      code = await lintRunbooks(folder ?? env.INCBOT_RUNBOOKS ?? 'runbooks', process)
    })
  program
    .command('diagnose <service>')
    .description('run the runbook of a service now and print what it finds; changes and posts nothing')
    .option('--runbook <name>', 'this runbook instead of the one that matches')
    .option('--explain', 'show what each signal did to each explanation')
    .action(async (service: string, options: { runbook?: string; explain?: boolean }) => {
      const { diagnoseService } = await import('./diagnose.ts')
      code = await diagnoseService(service, options, env, process)
    })
  program
    .command('gate <service>')
    .description('ask whether a deploy may go ahead: exit 0 free, 1 frozen, 2 cannot tell')
    .option('--url <url>', 'where incbot listens', env.INCBOT_URL ?? 'http://127.0.0.1:3000')
    .addOption(new Option('--scope <scope>', 'what is deployed').choices(['model', 'workload']))
    .addOption(
      new Option('--on-unknown <answer>', 'what "cannot tell" means').choices(['deny', 'allow']).default('deny'),
    )
    .option('--timeout <seconds>', 'how long to wait for the answer', '5')
    .action(
      async (
        service: string,
        options: { url: string; scope?: 'model' | 'workload'; onUnknown: 'deny' | 'allow'; timeout: string },
      ) => {
        const { gate } = await import('./gate.ts')
        const { url, scope, onUnknown, timeout } = options
        code = await gate(
          { service, url, token: env.INCBOT_GATE_TOKEN, scope, onUnknown, timeoutMs: Number(timeout) * 1_000 },
          process,
        )
      },
    )
  program
    .command('off [reason]')
    .description('switch every service to observe at once, by a file in the data directory; works while the bot runs')
    .action(async (reason: string | undefined) => {
      const { switchOff } = await import('./kill-switch.ts')
      code = await switchOff(env, reason, process)
    })
  program
    .command('on')
    .description('remove the file of `incbot off`')
    .action(async () => {
      const { switchOn } = await import('./kill-switch.ts')
      code = await switchOn(env, process)
    })
  program
    .command('analyze')
    .description('read memory series as JSON lines on standard input, write a verdict for each')
    .action(async () => {
      const { analyze } = await import('./analyze.ts')
      await analyze(process.stdin, process.stdout)
    })

  try {
    await program.parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(
      `incbot cannot start; ${error.problems.length === 1 ? 'one thing is' : `${error.problems.length} things are`} wrong with its configuration:\n`,
    )
    for (const problem of error.problems) process.stderr.write(`  ${problem}\n`)
    return BAD_CONFIGURATION
  }
  return code
}
