import { expect, it } from 'vitest'
import { matchesQueue, type WorkQueueFilter } from '#shared/work-queue/work-queue-filter.ts'

const QUEUES: [WorkQueueFilter | undefined, boolean][] = [
  [undefined, true],
  [{}, true],
  [{ name: {} }, true],
  [{ id: { any_: ['q1'] } }, true],
  [{ id: { any_: ['q2'] } }, false],
  [{ name: { any_: ['Nightly'] } }, true],
  [{ name: { any_: ['nightly'] } }, false],
  // Prefect's agents look for queues by prefix, in any letter case.
  [{ name: { startswith_: ['night', 'x'] } }, true],
  [{ name: { startswith_: ['ly'] } }, false],
  [{ name: { startswith_: [] } }, true],
  [{ name: { any_: ['Nightly'], startswith_: ['x'] } }, false],
  [{ operator: 'or_', id: { any_: ['q2'] }, name: { any_: ['Nightly'] } }, true],
]
it.each(QUEUES)('the filter %j finds the queue: %s', (filter, found) => {
  expect(matchesQueue({ id: 'q1', name: 'Nightly' }, filter)).toBe(found)
})
