import { listen, replyJson, type StandInServer } from '../../http.ts'
import type { Fleet } from './fleet.ts'

const PATH = /^\/debug\/models\/([^/]+)$/

/** The service's own account of its cache, `GET /debug/models/{pod}`, as a gateway in front of the pods serves it. */
export function startDebugEndpoint(fleet: Fleet): Promise<StandInServer> {
  return listen((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://gateway')
    const pod = PATH.exec(pathname)?.[1]
    if (pod === undefined || !fleet.pods.includes(decodeURIComponent(pod))) {
      return replyJson(res, 404, { error: `There is no ${pathname}. Pods: ${fleet.pods.join(', ')}.` })
    }
    if (req.method !== 'GET') return replyJson(res, 405, { error: 'Only GET.' }, { allow: 'GET' })
    const server = fleet.server(decodeURIComponent(pod))
    if (server === undefined) return replyJson(res, 503, { error: `${pod} is starting.` })
    return replyJson(res, 200, server.report())
  })
}
