import { type AnyOf, combine, matchesAny, type Operator } from '#shared/filter/criterion.ts'
import type { WorkQueue } from './work-queue.ts'

/** Prefect's WorkQueueFilter. */
export interface WorkQueueFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  /** `startswith_`: begins with one of these, in any letter case. */
  name?: { any_?: readonly string[] | undefined; startswith_?: readonly string[] | undefined } | undefined
}

/** Whether a queue matches the filter; without one, all do. */
export function matchesQueue(queue: Pick<WorkQueue, 'id' | 'name'>, filter: WorkQueueFilter | undefined): boolean {
  if (!filter) return true
  // An empty list of prefixes restricts nothing, as in Prefect.
  const prefixes = filter.name?.startswith_?.map((prefix) => prefix.toLowerCase()) ?? []
  const lowered = queue.name.toLowerCase()
  const name = filter.name && [
    matchesAny(queue.name, filter.name.any_ && { any_: filter.name.any_ }),
    prefixes.length === 0 ? undefined : prefixes.some((prefix) => lowered.startsWith(prefix)),
  ]
  return combine(filter.operator, [matchesAny(queue.id, filter.id), name && combine('and_', name)])
}
