// Runs the suites one after the other and says what each took. `node test/run.mjs unit parts` runs those alone.
// Exit 0 only when every suite has tests, all of them ran, and all of them passed.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import config from '../jest.config.mjs'

/** A suite that hangs is ended, with everything it started. All the faults there are take more than half an hour on two cores. */
const SUITE_MS = (process.env.INCBOT_CHAOS === 'full' ? 90 : 20) * 60_000
/** How long a suite may take to exit when all its tests are done. */
const EXIT_MS = 15_000
const SLOWEST = 5

const root = join(import.meta.dirname, '..')
const known = config.projects.map(({ displayName }) => displayName)
const chosen = process.argv.slice(2)
const strangers = chosen.filter((name) => !known.includes(name))
if (strangers.length > 0) {
  process.stdout.write(`There is no suite ${strangers.join(', ')}. There are: ${known.join(', ')}.\n`)
  process.exit(2)
}

const results = []
for (const suite of chosen.length > 0 ? chosen : known) results.push(await runSuite(suite))
process.exitCode = report(results)

async function runSuite(suite) {
  const folder = mkdtempSync(join(tmpdir(), 'incbot-tests-'))
  const file = join(folder, 'results.json')
  const began = performance.now()
  const jest = [
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--selectProjects',
    suite,
    // Whole bots need a core of their own beside their test; units do not.
    ...(suite === 'unit' ? ['--maxWorkers=100%'] : []),
    '--json',
    `--outputFile=${file}`,
  ]
  const child = spawn(process.execPath, jest, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    // A group of its own, so that whatever a test left behind ends with it.
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  })
  let late
  const end = (signal) => {
    try {
      process.kill(-Number(child.pid), signal)
    } catch {
      // It has ended by itself.
    }
  }
  const giveUp = (reason) => {
    late = reason
    end('SIGKILL')
  }
  const timers = [
    setTimeout(() => giveUp(`was ended after ${SUITE_MS / 60_000} minutes: something in it hangs.`), SUITE_MS),
  ]
  const done = setInterval(() => {
    if (!existsSync(file)) return
    clearInterval(done)
    timers.push(
      setTimeout(() => giveUp('did not exit after its last test: a test left a server or a timer open.'), EXIT_MS),
    )
  }, 1_000)
  const interrupted = () => {
    end('SIGTERM')
    process.exit(130)
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  const code = await new Promise((resolve) => child.once('exit', resolve))
  process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted)
  clearInterval(done)
  for (const timer of timers) clearTimeout(timer)
  const json = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  rmSync(folder, { recursive: true })
  return {
    suite,
    late,
    code,
    seconds: (performance.now() - began) / 1_000,
    files: json?.numTotalTestSuites ?? 0,
    passed: json?.numPassedTests ?? 0,
    // A file that cannot be loaded has no tests to fail.
    failed: (json?.numFailedTests ?? 0) + (json?.numRuntimeErrorTestSuites ?? 0),
    skipped: (json?.numPendingTests ?? 0) + (json?.numTodoTests ?? 0),
    slowest: (json?.testResults ?? []).map(({ name, startTime, endTime }) => ({
      file: relative(root, name),
      seconds: (endTime - startTime) / 1_000,
    })),
  }
}

function report(suites) {
  const sum = (key) => suites.reduce((total, one) => total + one[key], 0)
  const row = (name, files, tests, seconds) =>
    `${name.padEnd(8)}${String(files).padStart(8)}${String(tests).padStart(8)}${String(seconds).padStart(10)}`
  const lines = [
    '',
    row('suite', 'files', 'tests', 'seconds'),
    ...suites.map((one) => row(one.suite, one.files, one.passed + one.failed, one.seconds.toFixed(1))),
    row('all', sum('files'), sum('passed') + sum('failed'), sum('seconds').toFixed(1)),
    '',
    ...suites
      .flatMap(({ slowest }) => slowest)
      .toSorted((left, right) => right.seconds - left.seconds)
      .slice(0, SLOWEST)
      .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(6)} s  ${file}`),
    '',
  ]
  const faults = suites.flatMap(({ suite, late, code, passed, failed, skipped }) => {
    if (late !== undefined) return [`${suite} ${late}`]
    if (passed + failed + skipped === 0) return [`${suite} ran no test, so it proves nothing.`]
    if (skipped > 0) return [`${suite} skipped ${skipped} tests. A test that does not run proves nothing.`]
    return code === 0 || failed > 0 ? [] : [`${suite} ended with code ${code}.`]
  })
  for (const fault of faults) lines.push(fault)
  lines.push(`${sum('passed')} passed, ${sum('failed')} failed`)
  process.stdout.write(`${lines.join('\n')}\n`)
  return faults.length > 0 || sum('failed') > 0 ? 1 : 0
}
