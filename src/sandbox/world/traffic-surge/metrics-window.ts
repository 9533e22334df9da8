import { listen, readBody, type StandInServer } from '../../http.ts'

const BODY_LIMIT_BYTES = 1024 * 1024
const TIMES = ['time', 'start', 'end'] as const

/**
 * Prometheus as somebody sees it whose clock goes right, while the world's may be ahead: every moment that is asked about lies so much
 * later in the world, and every moment of the answer so much earlier. What is not a query passes unchanged.
 */
export function startMetricsWindow(prometheusUrl: string, aheadMs: () => number): Promise<StandInServer> {
  return listen(async (req, res) => {
    const url = new URL(req.url ?? '/', prometheusUrl)
    const body = await readBody(req, BODY_LIMIT_BYTES)
    const asked = new URLSearchParams([...new URLSearchParams(body.toString('utf8')), ...url.searchParams])
    const ahead = aheadMs() / 1_000
    for (const name of TIMES) {
      const time = asked.get(name)
      if (time !== null) asked.set(name, String(secondsOf(time) + ahead))
    }
    const answer = await fetch(`${prometheusUrl}${url.pathname}?${asked.toString()}`)
    const text = await answer.text()
    res.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
    res.end(ahead === 0 ? text : earlier(text, ahead))
  })
}

/** Unix seconds or RFC 3339, as Prometheus takes both. */
function secondsOf(time: string): number {
  return /^[\d.]+$/.test(time) ? Number(time) : Date.parse(time) / 1_000
}

/** Samples in an answer are written `[1700000000.123,"42"]`. */
function earlier(json: string, seconds: number): string {
  return json.replace(
    /\[(\d+(?:\.\d+)?),"/g,
    (_whole, at: string) => `[${Math.round((Number(at) - seconds) * 1_000) / 1_000},"`,
  )
}
