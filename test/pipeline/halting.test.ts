import { afterEach, expect, it } from '@jest/globals'
import type { Incident, Investigation } from '../../src/domain/incident.ts'
import { startOfferWatch } from '../../src/pipeline/offer-watch.ts'
import { measureEffect } from '../../src/pipeline/verify.ts'
import { RemediationError } from '../../src/remediations/remediation.ts'
import { aFinding, anIncident, aRemediation, aRunbook, aService, aWebhook, NOW } from '../builders.ts'
import { until, type World, type WorldOptions, world } from '../fakes/world.ts'

const ANA = { workspace: 'T1', user: 'U0ANA' }
const open: World[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

async function approved(options: WorldOptions): Promise<World> {
  const one = world(options)
  open.push(one)
  const occurredAt = new Date().toISOString()
  await one.commands.pagerDuty(aWebhook({ occurredAt, incident: { createdAt: occurredAt } }))
  await until('an offer', async () => (await remediation(one)) !== undefined)
  await one.commands.click('pd-Q1', (await remediation(one))?.id ?? '', ANA, 'C0ML', 'click-1')
  return one
}

const remediation = async (one: World) => (await one.store.incident('pd-Q1'))?.value.remediations[0]

/** Watches until it is told to stop, as a rollout that takes its time. */
const endless: NonNullable<WorldOptions['follow']> = (context) =>
  new Promise((_resolve, reject) =>
    context.signal.addEventListener('abort', () => reject(new Error('no longer wanted')), { once: true }),
  )

it('what goes bad is halted by itself, with the reason', async () => {
  const one = await approved({ follow: async () => ({ halt: 'web-7 crash-loops.' }) })
  await until('the halt', async () => (await remediation(one))?.state === 'halted')
  expect(await remediation(one)).toMatchObject({
    halt: { by: 'incbot', reason: 'web-7 crash-loops.' },
    outcome: { result: 'halted', text: 'Halted: web-7 crash-loops.' },
  })
  expect(one.effects).toHaveLength(1)
})

it('what a person stops is let go of and halted', async () => {
  const one = await approved({ follow: endless })
  await until('the rollout', async () => (await remediation(one))?.state === 'following')
  const service = one.ports.catalogue().services[0]
  if (service === undefined) throw new Error('There is a service.')
  expect(await one.commands.abort(service, ANA, 'C0ML', 'latency rises', 'abort-1')).toEqual({ incidentIds: ['pd-Q1'] })
  await until('the halt', async () => (await remediation(one))?.state === 'halted')
  expect((await remediation(one))?.outcome?.text).toBe('Halted: latency rises')
})

it('what is under way is in the status also when PagerDuty calls the incident resolved', async () => {
  const one = await approved({ follow: endless })
  await until('the rollout', async () => (await remediation(one))?.state === 'following')
  const [service] = one.ports.catalogue().services
  const listed = async () => {
    const answer = await one.commands.status(service)
    return answer !== 'unknown' && answer.services[0]?.incidents.map(({ id, status }) => [id, status])
  }
  expect(await listed()).toEqual([['pd-Q1', 'triggered']])
  const occurredAt = new Date(Date.now() + 1_000).toISOString()
  await one.commands.pagerDuty(
    aWebhook({ eventId: 'E2', transition: 'resolved', occurredAt, incident: { status: 'resolved' } }),
  )
  await until('the end', async () => (await one.store.incident('pd-Q1'))?.value.status === 'resolved')
  expect(await listed()).toEqual([['pd-Q1', 'resolved']])
})

it('nothing under way is said to whoever wants to stop it', async () => {
  const one = await approved({})
  await until('its end', async () => (await remediation(one))?.state === 'succeeded')
  const service = one.ports.catalogue().services[0]
  if (service === undefined) throw new Error('There is a service.')
  expect(await one.commands.abort(service, ANA, 'C0ML', 'x', 'abort-1')).toEqual({
    problem: 'Nothing is under way for inference.',
  })
})

it('an offer whose target was changed is withdrawn before anybody presses', async () => {
  let change: string | undefined
  const one = world({ changed: async () => change })
  open.push(one)
  const occurredAt = new Date().toISOString()
  await one.commands.pagerDuty(aWebhook({ occurredAt, incident: { createdAt: occurredAt } }))
  await until('an offer', async () => (await remediation(one))?.state === 'proposed')
  const watch = startOfferWatch(one.ports, one.pipeline, one.recall)
  await watch.look()
  expect((await remediation(one))?.state).toBe('proposed')
  change = 'web was changed by somebody since this was offered.'
  await watch.look()
  watch.stop()
  await until('the withdrawal', async () => (await remediation(one))?.state === 'void')
  expect((await remediation(one))?.outcome?.because).toBe('target-changed')
})

it('what is read for open offers is remembered from the start, for whoever asks while the store is away', async () => {
  const one = await approved({ follow: endless })
  const watch = startOfferWatch(one.ports, one.pipeline, one.recall)
  await until('the first look', () => one.recall.last() !== undefined)
  watch.stop()
  expect(one.recall.last()?.incidents.map(({ id }) => id)).toEqual(['pd-Q1'])
})

it('a cluster that does not answer withdraws nothing', async () => {
  const one = world({ changed: () => Promise.reject(new RemediationError('none', 'no answer in time')) })
  open.push(one)
  const occurredAt = new Date().toISOString()
  await one.commands.pagerDuty(aWebhook({ occurredAt, incident: { createdAt: occurredAt } }))
  await until('an offer', async () => (await remediation(one))?.state === 'proposed')
  const watch = startOfferWatch(one.ports, one.pipeline, one.recall)
  await watch.look()
  watch.stop()
  expect((await remediation(one))?.state).toBe('proposed')
})

it('is measured against the diagnosis that it was offered for, with what is next and that the freeze holds', () => {
  const chart = {
    title: 'inference memory',
    subtitle: 'now 8 GB',
    altText: 'now 8 GB',
    unit: 'bytes',
    byteUnits: 'decimal',
    from: NOW - 3_600_000,
    to: NOW + 600_000,
    now: NOW,
    lines: [],
    thresholds: [],
    markers: [],
  } as const
  const level = (value: number) => ({ id: 'level', label: 'Memory', value, unit: 'bytes' as const })
  const before: Investigation = {
    id: 'i-1',
    reason: 'opened',
    state: 'finished',
    startedAt: NOW,
    checks: 1,
    findings: [aFinding({ facts: [level(31e9), { ...level(32e9), id: 'limit' }] })],
    diagnosis: { fix: ['Find what holds the old version.'] } as never, // nothing else of it is read
  }
  const after = aFinding({ verdict: 'clear', facts: [level(8e9), { ...level(32e9), id: 'limit' }], charts: [chart] })
  const restart = aRemediation({ investigationId: 'i-1', state: 'succeeded', executingSince: NOW - 60_000 })
  const freeze = aRemediation({
    id: 'f-1',
    kind: 'deploy-freeze',
    state: 'succeeded',
    effect: { frozenUntil: NOW + 3_600_000 },
  })
  const incident: Incident = anIncident({ investigations: [before], remediations: [restart, freeze] })
  const one = world()
  open.push(one)
  const measured = measureEffect(
    { ...one.ports, now: () => NOW },
    incident,
    { ...before, id: 'i-2', reason: 'verification', verifies: 'r-1' },
    { runbook: aRunbook(), findings: [after], service: aService() },
  )
  expect(measured?.verdict.verdict).toBe('mitigated')
  expect(measured?.followUp).toEqual([
    '23 GB freed.',
    'The freeze is still on, until 04:42 UTC.',
    'Next: Find what holds the old version.',
  ])
  expect(measured?.findings[0]?.charts[0]).toMatchObject({
    title: 'inference memory: before and after “Restart inference-prod”',
    subtitle: 'Memory 31 GB → 8 GB',
    markers: [{ kind: 'restart', at: NOW - 60_000 }],
  })
})
