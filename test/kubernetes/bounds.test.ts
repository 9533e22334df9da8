import { describe, expect, it } from '@jest/globals'
import { type Amount, daemonSetBounds, deploymentBounds, statefulSetBounds } from '../../src/kubernetes/bounds.ts'

describe('how far a rollout may go beyond and below the size', () => {
  it.each<[number, Amount | undefined, Amount | undefined, number, number]>([
    // pods, maxSurge, maxUnavailable → surge, unavailable
    [4, undefined, undefined, 1, 1],
    [10, '25%', '25%', 3, 2],
    [3, '25%', '25%', 1, 0],
    [1, '25%', '25%', 1, 0],
    [3, 0, '25%', 0, 1],
    [3, '0%', '10%', 0, 1],
    [3, 2, 0, 2, 0],
    [3, 0, 9, 0, 3],
    [7, '100%', 1, 7, 1],
    [0, '25%', '25%', 0, 0],
    [3, 'many', 1, 0, 1],
  ])(
    'a Deployment of %d with surge %s and unavailable %s: %d more, %d fewer',
    (pods, maxSurge, maxUnavailable, more, fewer) => {
      const rolling = {
        ...(maxSurge !== undefined && { maxSurge }),
        ...(maxUnavailable !== undefined && { maxUnavailable }),
      }
      expect(deploymentBounds(pods, 'RollingUpdate', rolling)).toEqual({ maxSurge: more, maxUnavailable: fewer })
    },
  )

  it('a Deployment that says nothing has the defaults of the API server', () => {
    expect(deploymentBounds(12, undefined, undefined)).toEqual({ maxSurge: 3, maxUnavailable: 3 })
  })

  it('a Deployment that is recreated loses all of its pods', () => {
    expect(deploymentBounds(5, 'Recreate', undefined)).toEqual({ maxSurge: 0, maxUnavailable: 5 })
  })

  it.each<[number, Amount | undefined, number]>([
    [3, undefined, 1],
    [10, 3, 3],
    [10, '35%', 3],
    [3, '10%', 1],
    [0, undefined, 0],
  ])('a StatefulSet of %d with unavailable %s: %d fewer', (pods, maxUnavailable, fewer) => {
    expect(statefulSetBounds(pods, maxUnavailable)).toEqual({ maxSurge: 0, maxUnavailable: fewer })
  })

  it.each<[number, Amount | undefined, Amount | undefined, number, number]>([
    [5, undefined, undefined, 0, 1],
    [5, 0, '30%', 0, 2],
    [5, '10%', 0, 1, 0],
    [5, 0, 0, 0, 1],
    [0, undefined, undefined, 0, 0],
  ])(
    'a DaemonSet on %d nodes with surge %s and unavailable %s: %d more, %d fewer',
    (nodes, maxSurge, maxUnavailable, more, fewer) => {
      const rolling = {
        ...(maxSurge !== undefined && { maxSurge }),
        ...(maxUnavailable !== undefined && { maxUnavailable }),
      }
      expect(daemonSetBounds(nodes, rolling)).toEqual({ maxSurge: more, maxUnavailable: fewer })
    },
  )
})
