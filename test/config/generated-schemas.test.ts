import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { checks } from '../../src/checks/index.ts'
import { generateSchemas } from '../../src/config/generate-schemas.ts'
import { dataSourceKinds } from '../../src/datasources/index.ts'
import { remediationKinds } from '../../src/remediations/index.ts'

const REGENERATE = 'UPDATE_SCHEMAS=1 npm run -s jest -- test/config/generated-schemas.test.ts'

const schemas = generateSchemas({ dataSources: dataSourceKinds, checks, remediations: remediationKinds })

it.each(Object.entries(schemas))('%s is what the loaders accept today', (file, generated) => {
  if (process.env.UPDATE_SCHEMAS === '1') writeFileSync(file, generated)
  const committed = readFileSync(file, 'utf8')
  expect(committed === generated ? 'up to date' : `${file} is out of date. Run: ${REGENERATE}`).toBe('up to date')
})

it('describes what a person writes, and what each check and data source takes', () => {
  const text = Object.values(schemas).join('')
  for (const kind of dataSourceKinds) expect(text).toContain(`"const": "${kind.type}"`)
  for (const check of checks) expect(text).toContain(`"const": "${check.name}"`)
  expect(text).toContain('A duration: 90s, 5m')
})
