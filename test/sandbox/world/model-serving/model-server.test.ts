import { describe, expect, it } from '@jest/globals'
import { BASE_BYTES, CACHE_MAX_SIZE, ModelServer } from '../../../../src/sandbox/world/model-serving/model-server.ts'

const aVersion = (number: number) => ({ model: 'intent', version: `v${number}`, bytes: 500e6 })

function serverWith(versions: number): ModelServer {
  const server = new ModelServer(0)
  for (let number = 1; number <= versions; number += 1) server.load(aVersion(number), number * 1_000)
  return server
}

describe('a process of the model service', () => {
  it('begins with its base and nothing resident', () => {
    expect(serverWith(0).memoryBytes).toBe(BASE_BYTES)
    expect(serverWith(0).report()).toEqual({ max_size: CACHE_MAX_SIZE, evictions: 0, resident: [] })
  })

  it('evicts nothing until its cache is full', () => {
    expect(serverWith(CACHE_MAX_SIZE).evictions).toBe(0)
  })

  it('says that it evicts the oldest version, and keeps its weights', () => {
    const server = serverWith(CACHE_MAX_SIZE)
    expect(server.load(aVersion(11), 11_000)).toEqual(aVersion(1))
    expect(server.evictions).toBe(1)
    expect(server.report().resident).toContainEqual({ ...aVersion(1), loaded_at: '1970-01-01T00:00:01.000Z' })
    expect(server.memoryBytes).toBe(BASE_BYTES + 11 * 500e6)
  })
})
