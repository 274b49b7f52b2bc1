import { expect, it } from 'vitest'
import { START_TIMEOUT_SECONDS } from '#shared/bounds.ts'
import { launchedClaim } from '#shared/ecs-task/launched-claim.ts'
import { aClaim, at, heldIn } from '../support/fixtures/a-run.ts'

const NOW = at(1000)
const half = START_TIMEOUT_SECONDS / 2

it.each([
  // Started at once: the lease stays, since changing it costs two index writes.
  [START_TIMEOUT_SECONDS, 1000 + START_TIMEOUT_SECONDS],
  [half, 1000 + half],
  // Started late: the ECS task gets its full time.
  [half - 0.001, 1000 + START_TIMEOUT_SECONDS],
  [-60, 1000 + START_TIMEOUT_SECONDS],
])('a task recorded %d s before the lease ends has until second %d to start', (left, until) => {
  const claim = aClaim({ leaseUntil: at(1000 + left) })
  expect(launchedClaim(heldIn('PENDING', claim), NOW)).toEqual({ ...claim, leaseUntil: at(until) })
})

it('a run that is already RUNNING or CANCELLING keeps its lease', () => {
  const claim = aClaim({ leaseUntil: at(900) })
  expect(launchedClaim(heldIn('RUNNING', claim), NOW)).toBe(claim)
  expect(launchedClaim(heldIn('CANCELLING', claim), NOW)).toBe(claim)
})
