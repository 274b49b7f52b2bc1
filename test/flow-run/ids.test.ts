import fc from 'fast-check'
import { expect, it } from 'vitest'
import { asRunId, parseStateId, runIdFromKey, STATE_SEQUENCE_MAX, stateIdOf } from '#shared/flow-run/ids.ts'
import { isUuid } from '#shared/ids.ts'
import { counterexample } from '../support/faults/counterexample.ts'

const sequence = fc.integer({ min: 1, max: STATE_SEQUENCE_MAX })

it("a state's id encodes its run and sequence number", () => {
  const property = fc.property(fc.uuid(), sequence, fc.boolean(), (uuid, n, upper) => {
    const runId = asRunId(uuid)
    const stateId = stateIdOf(runId, n)
    const read = parseStateId(upper ? stateId.toUpperCase() : stateId)
    return isUuid(stateId) && read.runId === runId && read.sequence === n
  })
  expect(counterexample(property)).toBeUndefined()
})

it('no state shares an id with its run or another state', () => {
  const runId = asRunId('0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b')
  const ids = Array.from({ length: STATE_SEQUENCE_MAX }, (_, n) => stateIdOf(runId, n + 1))
  expect(new Set([runId, ...ids]).size).toBe(STATE_SEQUENCE_MAX + 1)
})

it('after the last number, states are numbered from 1 again', () => {
  const runId = asRunId('0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b')
  expect(stateIdOf(runId, STATE_SEQUENCE_MAX + 1)).toBe(stateIdOf(runId, 1))
})

it('a run id keeps the version of the id it is derived from, and is derived once', () => {
  expect(asRunId('0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b')).toBe('0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0000')
  expect(asRunId(asRunId('0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'))).toBe('0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0000')
})

it('an idempotency key always identifies the same run of its flow', () => {
  const flow = { flowId: 'flow' }
  expect(runIdFromKey(flow, 'key')).toBe(runIdFromKey(flow, 'key'))
  expect(runIdFromKey(flow, 'key')).not.toBe(runIdFromKey(flow, 'other'))
  expect(runIdFromKey(flow, 'key')).not.toBe(runIdFromKey({ flowId: 'other' }, 'key'))
  expect(runIdFromKey({ ...flow, deploymentId: 'a' }, 'key')).not.toBe(
    runIdFromKey({ ...flow, deploymentId: 'b' }, 'key'),
  )
  expect(runIdFromKey(flow, 'key')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{8}0000$/)
})
