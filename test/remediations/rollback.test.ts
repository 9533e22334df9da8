import { describe, expect, it } from '@jest/globals'
import { rollback } from '../../src/remediations/rollback.ts'
import { rollingRestart } from '../../src/remediations/rolling-restart.ts'
import { aCluster } from './a-cluster/index.ts'
import { useClock } from './clock.ts'
import { aContext, executed, follow, order, planOf, play } from './play.ts'

useClock()

/** A restart that went bad, was halted, and what was offered then. */
async function halted() {
  const cluster = aCluster()
  const old = cluster.pods.map(({ uid }) => uid)
  cluster.trouble('CrashLoopBackOff')
  const context = aContext(cluster)
  const { plan, effect } = await play(rollingRestart, cluster, { context })
  const { offers } = await rollingRestart.halt(context, plan, effect, 'it crashes')
  return { cluster, context, old, offered: offers[0]?.parameters }
}

async function offer() {
  const setting = await halted()
  const [plan] = await rollback.plan(setting.context, setting.offered)
  if (plan === undefined) throw new Error('It is offered.')
  return { ...setting, plan }
}

describe('a rollback', () => {
  it('goes back from a halted restart in one write, keeps old pods and replaces the new ones', async () => {
    const { cluster, context, old, plan } = await offer()
    expect(plan.preflight?.filter(({ verdict }) => verdict === 'failed')).toEqual([])
    const effect = await executed(rollback, context, plan)
    cluster.trouble(undefined)
    const { end } = await follow(rollback, context, plan, effect, () => cluster.tick())
    expect(end).toMatchObject({
      result: 'succeeded',
      text: expect.stringMatching(/^3 of 3 pods are on revision 1 and ready after \d+ s\.$/),
    })
    expect(cluster.pods.map(({ uid }) => uid).toSorted()).toEqual(old.toSorted())
    expect(cluster.changes.slice(1)).toEqual(['pause', 'roll back to 1'])
  })

  it('is void once somebody changed the workload', async () => {
    const { cluster, context, plan } = await offer()
    cluster.resize(5)
    expect(await rollback.execute(context, plan, order)).toEqual({ void: expect.stringContaining('generation 3 → 4') })
    expect(await rollback.changed(context, plan)).toContain('generation 3 → 4')
  })

  it('goes back once, and a second time is void', async () => {
    const { cluster, context, plan } = await offer()
    cluster.failNext('rollBack', 'conflict', 3)
    await executed(rollback, context, plan)
    expect(await rollback.execute(context, plan, order)).toEqual({ void: expect.stringContaining('generation 3 → 4') })
    expect(cluster.changes.filter((one) => one.startsWith('roll back'))).toHaveLength(1)
  })

  it.each([
    ['answer-lost', 'no longer an earlier one, so it probably did go back'],
    ['never-arrived', 'unchanged since this was offered, so it did not go back'],
  ] as const)('whose request had the fault “%s” can be looked at', async (fault, text) => {
    const { cluster, context, plan } = await offer()
    cluster.failNext('rollBack', fault)
    await expect(rollback.execute(context, plan, order)).rejects.toMatchObject({
      effect: fault === 'answer-lost' ? 'unknown' : 'none',
    })
    expect(await rollback.inspect(context, plan, order)).toContain(text)
  })

  it('tells a change of somebody else from its own', async () => {
    const { cluster, context, plan } = await offer()
    cluster.resize(5)
    expect(await rollback.inspect(context, plan, order)).toBe(
      'What can be seen: Deployment ml/web was changed since this was offered, is still paused, and revision 1 is still an earlier one, so it probably did not go back.',
    )
  })

  it('is stopped when its own pods go bad, paused, and offers nothing more', async () => {
    const { cluster, context, plan } = await offer()
    const effect = await executed(rollback, context, plan)
    cluster.breakPod('web-1', 'OOMKilled')
    cluster.trouble('OOMKilled')
    const { end } = await follow(rollback, context, plan, effect, () => cluster.tick())
    expect('halt' in end ? end.halt : '').toContain('was killed for memory')
    const { outcome, offers } = await rollback.halt(context, plan, effect, 'x')
    expect(outcome.text).toContain('Deployment ml/web is paused')
    expect(offers).toEqual([])
    expect(cluster.changes.at(-1)).toBe('pause')
  })

  it('cannot be planned for a revision that is not a number of one', () => {
    for (const toRevision of [0, -1, 1.5, 'latest', undefined])
      expect(rollback.parameters.safeParse({ toRevision }).success).toBe(false)
  })

  it('says that it cannot be had where there is nothing to go back to', async () => {
    const plan = await planOf(rollback, aContext(aCluster()), { toRevision: 1 })
    expect(plan.preflight?.find(({ what }) => what === 'revision')).toEqual({
      what: 'revision',
      verdict: 'failed',
      overridable: false,
      text: 'Deployment ml/web has no earlier revision 1.',
      fix: 'It has none: kubectl rollout history -n ml deployment/web',
    })
  })
})
