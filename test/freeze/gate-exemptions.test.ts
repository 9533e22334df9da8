import { afterEach, describe, expect, it } from '@jest/globals'
import type { Freeze } from '../../src/domain/freeze.ts'
import type { Server } from '../../src/http/server.ts'
import { aFreeze, NOW } from '../contract/records.ts'
import { anExemption } from './builders.ts'
import { aGateServer, TOKEN } from './gate-server.ts'

let server: Server | undefined
afterEach(() => server?.stop(0))

const HOTFIX = anExemption('label', 'hotfix=INC-4892')
const V48 = anExemption('deploy', 'v48')

async function asked(freezes: readonly Partial<Freeze>[], query: string) {
  const gate = await aGateServer()
  server = gate.server
  for (const [index, freeze] of freezes.entries()) await gate.store.addFreeze(aFreeze({ id: `f${index}`, ...freeze }))
  const headers = { authorization: `Bearer ${TOKEN}` }
  const response = await fetch(`${gate.url}/v1/freezes/inference${query}`, { headers })
  const body: unknown = await response.json()
  await new Promise((resolve) => setImmediate(resolve))
  return { status: response.status, body, questions: gate.questions, blocked: gate.blocked }
}

describe('an exemption', () => {
  it.each<[string, readonly Partial<Freeze>[], string, number]>([
    ['lets the deploy through that it names', [{ exemptions: [V48] }], '?deploy=v48', 200],
    ['lets no other deploy through', [{ exemptions: [V48] }], '?deploy=v480', 423],
    ['lets nothing through that has no name', [{ exemptions: [V48] }], '', 423],
    ['of a deploy is none of a label', [{ exemptions: [anExemption('deploy', 'a=b')] }], '?label=a=b', 423],
    ['lets a deploy with its label through', [{ exemptions: [HOTFIX] }], '?label=hotfix%3DINC-4892', 200],
    ['finds its label among others', [{ exemptions: [HOTFIX] }], '?label=a=b&label=hotfix=INC-4892&label=c=d', 200],
    ['is for one value of a label', [{ exemptions: [HOTFIX] }], '?label=hotfix=INC-4893', 423],
    ['of a label is none of a deploy', [{ exemptions: [HOTFIX] }], '?deploy=hotfix=INC-4892', 423],
    ['does not count for another freeze', [{ exemptions: [HOTFIX] }, {}], '?label=hotfix=INC-4892', 423],
    [
      'may be another one in each freeze',
      [{ exemptions: [HOTFIX] }, { exemptions: [V48] }],
      '?label=hotfix=INC-4892&deploy=v48',
      200,
    ],
    [
      'is not needed of a freeze that has another scope',
      [{ exemptions: [V48] }, { scope: 'workload' }],
      '?deploy=v48&scope=model',
      200,
    ],
  ])('%s', async (_what, freezes, query, expected) => {
    expect((await asked(freezes, query)).status).toBe(expected)
  })

  it('is named in the answer, with who gave it and why', async () => {
    const { body, questions, blocked } = await asked([{ exemptions: [HOTFIX] }], '?label=hotfix=INC-4892')
    expect(body).toMatchObject({
      frozen: true,
      exempt: {
        kind: 'label',
        value: 'hotfix=INC-4892',
        reason: 'it is the fix',
        by: 'U0ANA',
        at: expect.stringMatching(/Z$/),
      },
      until: new Date(NOW + 3_600_000).toISOString(),
      message:
        'Model deploys of inference are frozen until 04:42 UTC (60 min from 03:42 UTC) by U1: memory; label hotfix=INC-4892 may pass, exempted by U0ANA: it is the fix.',
    })
    expect(questions).toEqual([['inference', 'exempt']])
    expect(blocked).toEqual([])
  })

  it('of one freeze leaves the refusal to the other', async () => {
    const longer = { exemptions: [HOTFIX], until: NOW + 9 * 3_600_000 }
    const { body, blocked } = await asked([longer, { by: 'U2' }], '?label=hotfix=INC-4892&deploy=v48')
    expect(body).toMatchObject({
      by: 'U2',
      freezes: [{ by: 'U1' }, { by: 'U2' }],
      message: expect.stringContaining('“/inc exempt inference deploy v48” with a reason.'),
    })
    expect(body).not.toHaveProperty('exempt')
    expect(blocked.map(([id]) => id)).toEqual(['f1'])
  })

  it('cannot begin a line of its own in a pipeline’s log', async () => {
    const freeze = {
      reason: 'x\n::error::a\u2028b\u202e',
      exemptions: [{ ...HOTFIX, reason: 'y\r\n::stop-commands::z' }],
    }
    for (const query of ['?label=hotfix=INC-4892', '?deploy=v49']) {
      const { body } = await asked([freeze], query)
      expect(body).toMatchObject({ message: expect.stringMatching(/^[^\p{Cc}\p{Cf}\p{Zl}]+$/u) })
      await server?.stop(0)
    }
  })
})
