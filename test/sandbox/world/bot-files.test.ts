import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { missingToServe, readEnvironment, unknownVariables } from '../../../src/config/environment.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { dataSourceKinds } from '../../../src/datasources/index.ts'
import { remediationKinds } from '../../../src/remediations/index.ts'
import { withWorld } from './running-world.ts'

describe('the files for a bot in the sandbox', () => {
  it('are accepted by the bot as they are, and the alert has the incident’s number and words', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'incbot-world-'))
    await withWorld({ incidentNumber: 4892 }, async (world) => {
      const { env, url } = await world.writeBotFiles(directory)
      const file = env.INCBOT_CONFIG ?? ''
      const loaded = loadConfig(file, readFileSync(file, 'utf8'), {
        dataSources: dataSourceKinds,
        remediations: remediationKinds,
      })
      expect(loaded).toMatchObject({ ok: true, config: { services: [{ name: world.service, mode: 'act' }] } })
      const named = loaded.ok ? loaded.config.secrets.map(({ variable }) => variable) : []
      expect(unknownVariables(env, named)).toEqual([])
      const reading = readEnvironment(env, (path) => readFileSync(path, 'utf8'))
      expect(reading).toMatchObject({ ok: true })
      expect(reading.ok && missingToServe(reading.environment)).toEqual([])
      expect(statSync(join(directory, 'write.kubeconfig')).mode & 0o077).toBe(0)
      expect(world.slack.requestUrl).toBe(`${url}/slack/events`)
      expect(world.pagerduty.subscriptions).toEqual([{ url: `${url}/webhooks/pagerduty`, active: true }])
      expect(world.trigger()).toMatchObject({
        number: 4892,
        title: 'CRITICAL: inference-service-prod Memory Usage > 95%',
      })
    })
    rmSync(directory, { recursive: true })
  })
})
