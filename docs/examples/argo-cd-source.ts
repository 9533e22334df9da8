// A data source: one system, and what it can answer. Its place is src/datasources/argo-cd.ts, plus one line in src/datasources/index.ts.
import { z } from 'zod'
import { duration, environmentVariable } from '../../src/config/fields.ts'
import { defineDataSource, SourceError } from '../../src/datasources/datasource.ts'
import type { HttpSource } from '../../src/datasources/http-get.ts'
import { getJson } from '../../src/datasources/http-get.ts'

/** The part of an Argo CD application that is read: when which revision was synced. */
const application = z.object({
  status: z.object({
    history: z.array(z.object({ revision: z.string(), deployedAt: z.iso.datetime() })).default([]),
  }),
})

/** Deploys as Argo CD's record of syncs (argo-cd.readthedocs.io/en/stable/developer-guide/api-docs). */
export const argoCd = defineDataSource({
  type: 'argo-cd',
  offers: ['deploys'],
  // Settings in incbot.yaml. A secret is named by its variable and never stands in the file.
  config: z.strictObject({
    url: z.url({ protocol: /^https?$/ }),
    application: z.string().min(1),
    tokenEnv: environmentVariable.optional(),
    timeout: duration().prefault('5s'),
  }),
  // Opening connects to nothing yet.
  open(name, settings, deps) {
    const http: HttpSource = {
      name,
      baseUrl: settings.url,
      token: deps.secret(settings.tokenEnv),
      timeoutMs: settings.timeout,
    }
    const path = `/api/v1/applications/${encodeURIComponent(settings.application)}`
    // `getJson` has the deadline, the size limit and the reasons for 401, 403, silence and redirects.
    async function history(signal: AbortSignal) {
      const { status, body } = await getJson(http, path, signal)
      if (status === 404) throw new SourceError('missing', name, `${name} has no application ${settings.application}.`)
      const parsed = application.safeParse(body)
      if (!parsed.success)
        throw new SourceError('bad-answer', name, `${name} answered ${status}, not with an application.`)
      return parsed.data.status.history.map(({ revision, deployedAt }) => ({
        at: Date.parse(deployedAt),
        what: revision.slice(0, 12),
      }))
    }
    return {
      name,
      type: 'argo-cd',
      deploys: {
        async deploys(_service, { from, to }, signal) {
          const all = await history(signal)
          return {
            value: all.filter(({ at }) => at >= from && at <= to).sort((a, b) => a.at - b.at),
            query: `GET ${path}`,
            asOf: deps.now(),
            warnings: [],
          }
        },
      },
      probe: async (signal) => {
        await history(signal)
      },
    }
  },
})
