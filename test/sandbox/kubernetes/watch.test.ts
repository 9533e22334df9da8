import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { KubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import { ADMIN, call, sleep, startCluster, stopClusters, until } from './cluster.ts'

interface Seen {
  readonly type: string
  readonly object: {
    readonly kind: string
    readonly code?: number
    readonly metadata: { readonly name: string; readonly resourceVersion: string }
  }
}

describe('a watch', () => {
  let cluster: KubernetesStandIn
  beforeEach(async () => {
    cluster = await startCluster()
  })
  afterEach(stopClusters)

  const configMap = (name: string, labels: Record<string, string> = {}, data: Record<string, string> = {}) =>
    cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data })

  /** Opens a watch on config maps; `seen` grows as events arrive. */
  const watch = async (query = '') => {
    const seen: Seen[] = []
    const state = { ended: false }
    const response = await fetch(`${cluster.url}/api/v1/namespaces/default/configmaps?watch=true&${query}`, {
      headers: { authorization: `Bearer ${ADMIN.token}` },
    })
    const read = async (): Promise<void> => {
      let rest = ''
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) {
        const lines = (rest + decoder.decode(chunk)).split('\n')
        rest = lines.pop() ?? ''
        seen.push(...lines.map((line) => JSON.parse(line)))
      }
      state.ended = true
    }
    const reading = read().catch(() => undefined)
    const names = () => seen.map(({ type, object }) => `${type} ${object.metadata.name}`)
    return { response, seen, state, reading, names }
  }
  const version = async (): Promise<string> => {
    const { body } = await call(cluster, 'GET', '/api/v1/namespaces/default/configmaps')
    return (body.metadata as unknown as { resourceVersion: string }).resourceVersion
  }

  it('begins with what is there when no version is given', async () => {
    configMap('one')
    const { names } = await watch()
    await until(names, (list) => list.length === 1)
    configMap('two')
    await until(names, (list) => list.length === 2)
    expect(names()).toEqual(['ADDED one', 'ADDED two'])
  })

  it('continues after the version of a list without a gap or a repetition', async () => {
    configMap('one')
    const from = await version()
    configMap('two')
    const { names } = await watch(`resourceVersion=${from}`)
    configMap('one', {}, { changed: 'yes' })
    cluster.remove('ConfigMap', 'default', 'two')
    await until(names, (list) => list.length === 3)
    expect(names()).toEqual(['ADDED two', 'MODIFIED one', 'DELETED two'])
  })

  it('says nothing of a write that changes nothing', async () => {
    configMap('one', {}, { a: '1' })
    const { names } = await watch(`resourceVersion=${await version()}`)
    configMap('one', {}, { a: '1' })
    configMap('two')
    await until(names, (list) => list.length === 1)
    expect(names()).toEqual(['ADDED two'])
  })

  it('shows objects entering and leaving a selector', async () => {
    const { names } = await watch('labelSelector=team%3Da')
    configMap('one', { team: 'b' })
    configMap('one', { team: 'a' })
    configMap('one', { team: 'a' }, { more: 'yes' })
    configMap('one', { team: 'b' })
    await until(names, (list) => list.length === 3)
    expect(names()).toEqual(['ADDED one', 'MODIFIED one', 'DELETED one'])
  })

  it('gives every event a version from which another watch can continue', async () => {
    const first = await watch(`resourceVersion=${await version()}`)
    configMap('one')
    configMap('two')
    cluster.remove('ConfigMap', 'default', 'one')
    await until(first.names, (list) => list.length === 3)
    const middle = first.seen[1]?.object.metadata.resourceVersion
    const second = await watch(`resourceVersion=${middle}`)
    await until(second.names, (list) => list.length === 1)
    expect(second.names()).toEqual(['DELETED one'])
  })

  it('sends one 410 ERROR event and ends when the version is too old', async () => {
    const from = await version()
    configMap('one')
    cluster.compact()
    const { response, seen, reading } = await watch(`resourceVersion=${from}`)
    await reading
    expect(response.status).toBe(200)
    expect(seen).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }])
  })

  it('ends by itself after timeoutSeconds, with a bookmark if those are allowed', async () => {
    const { seen, state, reading } = await watch('timeoutSeconds=1&allowWatchBookmarks=true')
    await sleep(500)
    expect(state.ended).toBe(false)
    await reading
    expect(seen.map(({ type }) => type)).toEqual(['BOOKMARK'])
  })

  it('refuses the streaming list of newer clients as a server without that feature does', async () => {
    const path = '/api/v1/configmaps?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
    const { status, body } = await call(cluster, 'GET', path)
    expect(status).toBe(422)
    expect(body.message).toContain(
      'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    )
  })

  it('answers 504 to a list from a version that is still to come', async () => {
    const { status, body } = await call(cluster, 'GET', '/api/v1/configmaps?resourceVersion=999999')
    expect(status).toBe(504)
    expect(body).toMatchObject({ reason: 'Timeout' })
  })

  it('is cut when the cluster stops', async () => {
    const { reading } = await watch()
    await cluster.stop()
    await expect(reading).resolves.toBeUndefined()
  })
})
