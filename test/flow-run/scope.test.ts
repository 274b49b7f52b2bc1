import { expect, it } from 'vitest'
import { isInScope } from '#shared/flow-run/scope.ts'
import { aRun, DEPLOYMENT_ID, FLOW_ID, POOL_ID, QUEUE_ID } from '../support/fixtures/a-run.ts'

const ALL = {
  flowIds: new Set([FLOW_ID]),
  deploymentIds: new Set([DEPLOYMENT_ID]),
  poolIds: new Set([POOL_ID]),
  queueIds: new Set([QUEUE_ID]),
}

it('a run is in scope if it belongs to everything requested', () => {
  expect(isInScope(aRun(), {})).toBe(true)
  expect(isInScope(aRun(), ALL)).toBe(true)
})

it.each(Object.keys(ALL))('a run with other %s, or none, is out of scope', (name) => {
  expect(isInScope(aRun(), { ...ALL, [name]: new Set(['other']) })).toBe(false)
  expect(isInScope(aRun(), { ...ALL, [name]: new Set() })).toBe(false)
})

it('a run that belongs to none is in no scope that requires one', () => {
  expect(isInScope(aRun({ deploymentId: null }), { deploymentIds: ALL.deploymentIds })).toBe(false)
  expect(isInScope(aRun({ poolId: null, queueId: null }), { poolIds: ALL.poolIds })).toBe(false)
})
