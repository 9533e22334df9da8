import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { ConfigurationError } from '../app/load.ts'

/** Exit codes: 0 done, 1 the answer is no (frozen, problems found), 2 cannot tell or wrong usage, 78 bad configuration (sysexits EX_CONFIG). */
const BAD_CONFIGURATION = 78

interface GateOptions {
  readonly url: string
  readonly scope?: 'model' | 'workload'
  readonly deploy?: string
  readonly label: readonly string[]
  readonly onUnknown: 'deny' | 'allow'
  readonly timeout: number
}

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
    .option('--deploy <name>', 'what the deploy is called, such as a version or a commit')
    .option('--label <key=value>', 'a label of the deploy; may be given several times', each, [])
    .addOption(
      new Option('--on-unknown <answer>', 'what "cannot tell" means').choices(['deny', 'allow']).default('deny'),
    )
    .option('--timeout <seconds>', 'how long to wait for the answer', seconds, 5)
    .action(async (service: string, { timeout, label, ...options }: GateOptions) => {
      const { gate } = await import('./gate.ts')
      const token = env.INCBOT_GATE_TOKEN
      code = await gate({ service, token, ...options, labels: label, timeoutMs: timeout * 1_000 }, process)
    })
  const audit = program.command('audit').description('read the record of who did what, which shows if it was changed')
  audit
    .command('export')
    .description('write every recorded entry as a line of JSON; works while the bot runs, on its host')
    .option('--incident <id>', 'of one incident only, such as pd-Q0ABC')
    .action(async ({ incident }: { incident?: string }) => {
      const { auditExport } = await import('./audit.ts')
      code = await auditExport(incident, env, process)
    })
  audit
    .command('verify [file]')
    .description('verify an export, or the records themselves: exit 0 as recorded, 1 not so, 2 cannot tell')
    .option('--head <sequence:hash>', 'an end that the timeline had, from a note in PagerDuty; repeatable', each, [])
    .option('--incident <id>', 'the incident that the head belongs to; once for each --head', each, [])
    .action(async (file: string | undefined, options: { head: readonly string[]; incident: readonly string[] }) => {
      const { auditVerify } = await import('./audit.ts')
      code = await auditVerify({ file, heads: options.head, incidents: options.incident }, env, process)
    })
  const store = program
    .command('store')
    .description('move the records, while no bot runs: to a file, or between SQLite and Redis')
  store
    .command('export')
    .description('write everything that is kept as lines of JSON')
    .action(async () => {
      const { storeExport } = await import('./store.ts')
      code = await storeExport(env, process)
    })
  store
    .command('import [file]')
    .description('read an export, or standard input, into records that are empty; all of it or nothing')
    .action(async (file: string | undefined) => {
      const { storeImport } = await import('./store.ts')
      code = await storeImport(file, env, process)
    })
  store
    .command('migrate')
    .description('move everything from the data directory to Redis or back, and compare; changes nothing where it was')
    .addOption(new Option('--to <place>', 'where to').choices(['redis', 'sqlite']).makeOptionMandatory())
    .action(async ({ to }: { to: 'redis' | 'sqlite' }) => {
      const { storeMigrate } = await import('./store.ts')
      code = await storeMigrate(to, env, process)
    })
  program
    .command('install')
    .description('print what incbot needs elsewhere; applies nothing')
    .command('kubernetes')
    .description('manifests by which a cluster itself refuses deploys of frozen workloads')
    .option('--namespace <name>', 'where incbot lives', 'incbot')
    .option('--service-account <name>', 'the account that incbot writes with: name, or namespace/name', 'incbot-write')
    .option('--user <name>', 'its user name, where it is no service account')
    .option('--namespaces <names>', 'freeze in these namespaces only, comma-separated')
    .action(async (options: { namespace: string; serviceAccount: string; user?: string; namespaces?: string }) => {
      const { installKubernetes } = await import('./install.ts')
      code = installKubernetes(options, process)
    })
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

/** Of an option that may be given several times. */
function each(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

function seconds(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 600) return value
  throw new InvalidArgumentError('Expected seconds, more than 0 and at most 600.')
}
