import { expect, it } from 'vitest'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { matchesPool, type WorkPoolFilter } from '#shared/work-pool/work-pool-filter.ts'
import { matchesQueue, type WorkQueueFilter } from '#shared/work-queue/work-queue-filter.ts'
import { matchesWorker, type WorkerFilter } from '#shared/worker/worker-filter.ts'
import { at, T0 } from '../support/fixtures/a-run.ts'

const pool: WorkPool = {
  id: 'p1',
  name: 'prod',
  description: null,
  type: 'ecs:push',
  baseJobTemplate: {},
  storageConfiguration: {},
  defaultQueueId: 'q1',
  queuesRevision: 0,
  created: T0,
  updated: T0,
}

const POOLS: [WorkPoolFilter | undefined, boolean][] = [
  [undefined, true],
  [{}, true],
  [{ id: { any_: ['p1'] } }, true],
  [{ id: { any_: [] } }, false],
  [{ name: { any_: ['prod', 'dev'] } }, true],
  [{ name: { any_: ['Prod'] } }, false],
  [{ type: { any_: ['ecs:push'] } }, true],
  [{ type: { any_: ['process'] }, name: { any_: ['prod'] } }, false],
  [{ operator: 'or_', type: { any_: ['process'] }, name: { any_: ['prod'] } }, true],
]
it.each(POOLS)('the filter %j finds the pool: %s', (filter, found) => {
  expect(matchesPool(pool, filter)).toBe(found)
})

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

const worker = { id: 'w1', poolId: 'p1', name: 'w', lastHeartbeat: T0, heartbeatIntervalSeconds: 30, created: T0 }
const WORKERS: [WorkerFilter | undefined, boolean][] = [
  [undefined, true],
  [{ name: { any_: ['w'] } }, true],
  [{ status: { any_: ['ONLINE'] } }, true],
  [{ status: { any_: ['OFFLINE'] } }, false],
  [{ last_heartbeat_time: { after_: at(1) } }, false],
  [{ operator: 'or_', last_heartbeat_time: { after_: at(1) }, status: { any_: ['ONLINE'] } }, true],
]
it.each(WORKERS)('the filter %j finds the worker: %s', (filter, found) => {
  expect(matchesWorker(worker, filter, at(60))).toBe(found)
})
