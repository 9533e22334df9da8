import { z } from 'zod'
import { duration, environmentVariable } from '../config/fields.ts'
import { defineDataSource, SourceError } from './datasource.ts'
import type { HttpSource } from './http-get.ts'
import { getJson, sourceUrl } from './http-get.ts'

/** The service's own JSON, such as `/debug/models`. */
export const httpJson = defineDataSource({
  type: 'http-json',
  offers: ['json'],
  config: z.strictObject({
    url: sourceUrl,
    tokenEnv: environmentVariable.optional(),
    timeout: duration().prefault('5s'),
  }),
  open: (name, settings, deps) => {
    const http: HttpSource = {
      name,
      baseUrl: settings.url,
      token: deps.secret(settings.tokenEnv),
      timeoutMs: settings.timeout,
    }
    return {
      name,
      type: 'http-json',
      json: {
        async get(path, signal) {
          const { status, body } = await getJson(http, path, signal)
          if (status === 404) throw new SourceError('missing', name, `${name} has no ${path} (404).`)
          if (status !== 200) throw new SourceError('bad-answer', name, `${name} answered ${status} to GET ${path}.`)
          if (body === undefined)
            throw new SourceError('bad-answer', name, `${name} answered GET ${path} with something that is not JSON.`)
          return { value: body, query: `GET ${path}`, asOf: deps.now(), warnings: [] }
        },
      },
      // Any answer shows that it is there; which paths it has is the service's own matter.
      probe: async (signal) => {
        await getJson(http, '/', signal)
      },
    }
  },
})
