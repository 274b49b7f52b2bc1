import { type AnyOf, combine, matchesAny, type Operator } from '#shared/filter/criterion.ts'
import type { Instant } from '#shared/instant.ts'
import { type ApiKey, keyStatus } from './api-key.ts'

/** A filter of keys, in the form of Prefect's filters. */
export interface ApiKeyFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: AnyOf | undefined
  scope?: AnyOf | undefined
  status?: AnyOf | undefined
}

/** Whether a key matches the filter; without one, all do. */
export function matchesApiKey(key: ApiKey, filter: ApiKeyFilter | undefined, now: Instant): boolean {
  if (!filter) return true
  return combine(filter.operator, [
    matchesAny(key.id, filter.id),
    matchesAny(key.name, filter.name),
    matchesAny(key.scope, filter.scope),
    matchesAny(keyStatus(key, now), filter.status),
  ])
}
