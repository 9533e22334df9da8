import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { loadConfig } from '../../src/config/load-config.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { dataSourceKinds } from '../../src/datasources/index.ts'
import { remediationKinds } from '../../src/remediations/index.ts'

const text = readFileSync('incbot.example.yaml', 'utf8')

it('is accepted as it stands', () => {
  const loaded = loadConfig('incbot.example.yaml', text, {
    dataSources: dataSourceKinds,
    remediations: remediationKinds,
  })
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([])
})
