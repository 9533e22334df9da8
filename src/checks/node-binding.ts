import type { Service } from '../domain/service.ts'
import { formatBytes } from '../domain/units.ts'

/** A node with less than this share of its allocatable memory to spare is pressed. */
const SPARE = 0.1

/** What stops a pod first, and at how many bytes. */
export interface Binding {
  readonly binding: 'container_limit' | 'node_allocatable'
  readonly bindingBytes: number
}

/** Bytes: the container's limit (endless where there is none), and the node's share for each of the service's pods on it. */
export function bindingOf(limitBytes: number, perPodBytes: number): Binding {
  return {
    binding: limitBytes <= perPodBytes ? 'container_limit' : 'node_allocatable',
    bindingBytes: Math.min(limitBytes, perPodBytes),
  }
}

export function isPressed(leftBytes: number, allocatableBytes: number): boolean {
  return leftBytes < SPARE * allocatableBytes
}

/** The end of a headline. */
export function bindingText({ binding, bindingBytes }: Binding, { units }: Service): string {
  const bytes = formatBytes(bindingBytes, units)
  return binding === 'container_limit'
    ? `the container limit (${bytes}) binds first, not the node`
    : `the node binds first: ${bytes} per pod before it runs out`
}
