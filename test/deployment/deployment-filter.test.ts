import { expect, it } from 'vitest'
import { type DeploymentFilter, matchesDeployment } from '#shared/deployment/deployment-filter.ts'
import { aDeployment } from '../support/fixtures/a-deployment.ts'
import { DEPLOYMENT_ID } from '../support/fixtures/a-run.ts'

const limited = aDeployment({ name: 'nightly', paused: true, tags: ['a'], concurrencyLimit: 3 })
const unlimited = aDeployment({ concurrencyLimit: null })

const FILTERS: [DeploymentFilter, boolean][] = [
  [{}, true],
  [{ id: { any_: [DEPLOYMENT_ID] } }, true],
  [{ id: { any_: ['x'] } }, false],
  [{ name: { like_: 'NIGHT' } }, true],
  [{ name: { any_: ['other'] } }, false],
  [{ flow_or_deployment_name: { like_: 'night' } }, true],
  [{ flow_or_deployment_name: { like_: 'impo' } }, true],
  [{ flow_or_deployment_name: { like_: 'x' } }, false],
  [{ flow_or_deployment_name: {} }, true],
  [{ paused: { eq_: true } }, true],
  [{ paused: { eq_: false } }, false],
  [{ paused: {} }, true],
  [{ is_schedule_active: { eq_: false } }, true],
  [{ is_schedule_active: { eq_: true } }, false],
  [{ is_schedule_active: {} }, true],
  [{ tags: { all_: ['a'] } }, true],
  [{ tags: { all_: ['b'] } }, false],
  [{ work_queue_name: { any_: ['work'] } }, true],
  [{ work_queue_name: { any_: ['other'] } }, false],
  [{ concurrency_limit: {} }, true],
  [{ concurrency_limit: { ge_: 3, le_: 3 } }, true],
  [{ concurrency_limit: { ge_: 4 } }, false],
  [{ concurrency_limit: { le_: 2 } }, false],
  [{ concurrency_limit: { is_null_: true } }, false],
  [{ concurrency_limit: { is_null_: false } }, true],
  [{ name: { any_: ['other'] }, paused: { eq_: true } }, false],
  [{ operator: 'or_', name: { any_: ['other'] }, paused: { eq_: true } }, true],
]
it.each(FILTERS)('the filter %j finds a deployment: %s', (filter, found) => {
  expect(matchesDeployment(limited, filter, 'import')).toBe(found)
})

it.each([
  [{ ge_: 0 }, false],
  [{ le_: 9 }, false],
  [{ is_null_: true }, true],
  [{ is_null_: false }, false],
])('a deployment without a limit is within %j: %s', (concurrency_limit, found) => {
  expect(matchesDeployment(unlimited, { concurrency_limit }, 'import')).toBe(found)
})
