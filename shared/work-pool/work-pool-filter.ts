import { type AnyOf, combine, matchesAny, type Operator } from '#shared/filter/criterion.ts'
import type { WorkPool } from './work-pool.ts'

/** Prefect's WorkPoolFilter. */
export interface WorkPoolFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: AnyOf | undefined
  type?: AnyOf | undefined
}

/** Whether a pool matches the filter; without one, all do. */
export function matchesPool(pool: WorkPool, filter: WorkPoolFilter | undefined): boolean {
  if (!filter) return true
  return combine(filter.operator, [
    matchesAny(pool.id, filter.id),
    matchesAny(pool.name, filter.name),
    matchesAny(pool.type, filter.type),
  ])
}
