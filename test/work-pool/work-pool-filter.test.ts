import { expect, it } from 'vitest'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { matchesPool, type WorkPoolFilter } from '#shared/work-pool/work-pool-filter.ts'
import { T0 } from '../support/fixtures/a-run.ts'

const pool: WorkPool = {
  life: '0123456789abcdef',
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
