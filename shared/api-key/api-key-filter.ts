import { type AnyOf, combine, matchesAny, type Operator } from '#shared/filter/criterion.ts'
import type { Instant } from '#shared/instant.ts'
import { type ApiKey, keyStatus } from './api-key.ts'

/** What keys can be listed by, in the form of Prefect's filters. */
export interface ApiKeyFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: AnyOf | undefined
  scope?: AnyOf | undefined
  status?: AnyOf | undefined
}

/** Whether a key is among those that are asked for; no filter asks for all. */
export function matchesApiKey(key: ApiKey, filter: ApiKeyFilter | undefined, now: Instant): boolean {
  if (!filter) return true
  return combine(filter.operator, [
    matchesAny(key.id, filter.id),
    matchesAny(key.name, filter.name),
    matchesAny(key.scope, filter.scope),
    matchesAny(keyStatus(key, now), filter.status),
  ])
}
