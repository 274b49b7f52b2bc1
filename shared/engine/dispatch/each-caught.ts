import { INSPECTION_BACKOFF_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { errorFields } from '#shared/errors.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { eachAtOnce } from './each-at-once.ts'

interface Failure {
  times: number
  until: Instant
}

export interface EachOptions {
  /** What is done to each, for logs; items are known by it and by their id. */
  act: string
  atOnce: number
  /** None is begun after it. */
  deadline: Instant
}

/** Failures remembered; beyond that the oldest are forgotten, and tried again sooner. */
const FAILURES_MAX = 10_000

/**
 * What failed of late, in the memory of this process. An item whose repair fails can't be counted on to take a mark in
 * the table, and one that is forgotten at a cold start is only tried once more.
 */
const failures = new WeakMap<Table, Map<string, Failure>>()

/**
 * Does something to each item, several at once. One that fails keeps none of the others from it: it is logged, counted
 * and passed over for a while, which doubles with each failure in a row. Returns to how many something was done.
 */
export async function eachCaught<T>(
  deps: Deps,
  items: readonly T[],
  idOf: (item: T) => string,
  act: (item: T) => Promise<boolean>,
  { act: name, atOnce, deadline }: EachOptions,
): Promise<number> {
  const failed = failuresOf(deps)
  const waiting = items.filter((item) => (failed.get(`${name} ${idOf(item)}`)?.until ?? 0) <= deps.clock.now())
  let done = 0
  await eachAtOnce(waiting, atOnce, async (item) => {
    if (deps.clock.now() >= deadline) return
    const key = `${name} ${idOf(item)}`
    try {
      if (await act(item)) done += 1
      failed.delete(key)
    } catch (error) {
      noteFailure(deps, failed, key)
      deps.log.warn('repair failed', { act: name, id: idOf(item), ...errorFields(error) })
      deps.metrics.count('InspectionsFailed', 1)
    }
  })
  return done
}

function failuresOf({ table }: Deps): Map<string, Failure> {
  const known = failures.get(table) ?? new Map<string, Failure>()
  failures.set(table, known)
  return known
}

function noteFailure(deps: Deps, failed: Map<string, Failure>, key: string): void {
  const times = (failed.get(key)?.times ?? 0) + 1
  failed.delete(key)
  failed.set(key, { times, until: addSeconds(deps.clock.now(), backoffSeconds(times)) })
  for (const oldest of failed.keys()) {
    if (failed.size <= FAILURES_MAX) return
    failed.delete(oldest)
  }
}

/** Seconds until something is tried again that has failed n times in a row, n from 1. */
export function backoffSeconds(times: number): number {
  const { first, max } = INSPECTION_BACKOFF_SECONDS
  return Math.min(max, first * 2 ** (times - 1))
}
