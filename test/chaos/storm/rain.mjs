import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Pool } from 'undici'

// Signed webhooks at a steady rate, in a thread of its own so that what it measures is the bot and not the test. An open loop: a bot that
// slows down gets no fewer. Each incident opens first; then come its later transitions, each second apart in PagerDuty's own time, and
// every hundredth webhook is sent twice.
const { url, secret, perSecond, seconds, services, firstService = 0, name = 'STORM' } = workerData
const TICK_MS = 10
const LATER = ['acknowledged', 'unacknowledged', 'escalated', 'reassigned', 'priority_updated']
const pool = new Pool(url, { connections: 64, pipelining: 1 })
const began = Date.now()
const firstOccurred = began - 2 * 3_600_000
const total = perSecond * seconds
const latencies = []
const statuses = {}
let sent = 0

function webhook(n) {
  const service = firstService + (n % services)
  const round = Math.floor(n / services)
  const transition = round === 0 ? 'triggered' : LATER[round % LATER.length]
  const occurred = round === 0 ? firstOccurred : firstOccurred + round * 1_000
  const id = `${name}-${n}`
  const body = JSON.stringify({
    event: {
      id,
      event_type: `incident.${transition}`,
      resource_type: 'incident',
      occurred_at: new Date(occurred).toISOString(),
      agent: null,
      client: null,
      data: {
        id: `Q${name}${service}`,
        type: 'incident',
        self: `https://api.pagerduty.com/incidents/Q${name}${service}`,
        html_url: `https://acme.pagerduty.com/incidents/Q${name}${service}`,
        number: 1_000 + service,
        status: transition === 'acknowledged' ? 'acknowledged' : 'triggered',
        incident_key: `${name}-${service}`,
        created_at: new Date(firstOccurred).toISOString(),
        title: `Requests to service-${service} fail`,
        service: { id: `PSERVICE${service}`, type: 'service_reference', summary: `service-${service}-prod` },
        assignees: [],
        escalation_policy: { id: 'PPOLICY', type: 'escalation_policy_reference', summary: 'Everyone' },
        teams: [],
        priority: null,
        // About the size of a real one.
        custom_fields: 'x'.repeat(1_200),
        urgency: service % 2 === 0 ? 'high' : 'low',
        conference_bridge: null,
        resolve_reason: null,
      },
    },
  })
  return { id, body }
}

async function send({ body }) {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const start = performance.now()
  let status = 0
  try {
    const answer = await pool.request({
      path: '/webhooks/pagerduty',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-pagerduty-signature': `v1=${signature}`,
        'x-webhook-id': 'storm',
      },
      body,
      headersTimeout: 5_000,
    })
    status = answer.statusCode
    await answer.body.dump()
  } catch {
    status = 0
  }
  latencies.push(performance.now() - start)
  statuses[status] = (statuses[status] ?? 0) + 1
  if (status === 202) return
  // As PagerDuty does, though sooner.
  await sleep(1_000)
  await send({ body })
}

const underWay = new Set()
function launch(one) {
  const work = send(one).finally(() => underWay.delete(work))
  underWay.add(work)
}

const timer = setInterval(() => {
  const due = Math.min(total, Math.floor(((Date.now() - began) / 1_000) * perSecond))
  for (; sent < due; sent += 1) {
    const one = webhook(sent)
    launch(one)
    if (sent % 100 === 99) launch(one)
  }
  if (sent < total) return
  clearInterval(timer)
  void Promise.all(underWay).then(async () => {
    await pool.close()
    latencies.sort((left, right) => left - right)
    const quantile = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))]
    parentPort.postMessage({
      began,
      ended: Date.now(),
      webhooks: latencies.length,
      events: sent,
      statuses,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      mostMs: latencies.at(-1),
    })
  })
}, TICK_MS)
