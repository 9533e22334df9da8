import { jobsOn } from './redis-jobs.ts'

/** A replica that begins whatever it gets, says so, and never ends it. Run as a process of its own, with the Redis' address. */
const { jobs } = jobsOn({ url: process.argv[2] ?? '' })
jobs.start({
  incident: async (key) => {
    process.stdout.write(`${key}\n`)
    await new Promise((resolve) => setTimeout(resolve, 3_600_000))
  },
})
