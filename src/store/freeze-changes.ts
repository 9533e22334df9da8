import type { Freeze } from '../domain/freeze.ts'

/** Lifted, unless it is lifted already. */
export function liftedFreeze(freeze: Freeze, by: string, now: number): Freeze {
  return freeze.liftedAt === undefined ? { ...freeze, liftedAt: now, liftedBy: by } : freeze
}

/** Until later; never until earlier, and a lifted one stays as it is. */
export function extendedFreeze(freeze: Freeze, until: number): Freeze {
  return freeze.liftedAt === undefined && until > freeze.until ? { ...freeze, until } : freeze
}
