import { expect, it } from 'vitest'
import { matchesWorker, type WorkerFilter } from '#shared/worker/worker-filter.ts'
import { at, T0 } from '../support/fixtures/a-run.ts'

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
