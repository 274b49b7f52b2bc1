import { expect, it } from 'vitest'
import { type Worker, workerIdOf, workerStatus } from '#shared/worker/worker.ts'
import { at, T0 } from '../support/fixtures/a-run.ts'

const worker = (heartbeatIntervalSeconds: number | null): Worker => ({
  id: workerIdOf('p', 'w'),
  poolId: 'p',
  name: 'w',
  lastHeartbeat: T0,
  heartbeatIntervalSeconds,
  created: T0,
})

it.each([
  [30, 0, 'ONLINE'],
  [30, 90, 'ONLINE'],
  [30, 90.000001, 'OFFLINE'],
  [10, 30, 'ONLINE'],
  [10, 31, 'OFFLINE'],
  // Without an interval, Prefect's default of 30 s applies.
  [null, 90, 'ONLINE'],
  [null, 91, 'OFFLINE'],
  [30, -5, 'ONLINE'],
])('a worker with a heartbeat every %s s is, %s s after the last, %s', (interval, silent, status) => {
  expect(workerStatus(worker(interval), at(silent))).toBe(status)
})

it("a worker's id is derived from its pool and name", () => {
  expect(workerIdOf('p', 'w')).toBe(workerIdOf('p', 'w'))
  expect(workerIdOf('p', 'w')).not.toBe(workerIdOf('q', 'w'))
})
