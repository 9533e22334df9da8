#!/usr/bin/env node
import { run } from './cli/index.ts'

run(process.argv, process.env).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const text = `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
    // What had already been started must not live on half: a bot without its Slack or its health would still take webhooks.
    process.stderr.write(text, () => process.exit(70))
  },
)
