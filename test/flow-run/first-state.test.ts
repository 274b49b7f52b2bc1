import { expect, it } from 'vitest'
import { judgeFirstState } from '#shared/flow-run/first-state.ts'
import { STATE_TYPES } from '#shared/flow-run/state.ts'

const counted = [
  { deploymentId: 'd', poolId: null },
  { deploymentId: null, poolId: 'p' },
]
const free = { deploymentId: null, poolId: null }

it('a run that no limit counts may begin in any state', () => {
  for (const type of STATE_TYPES) expect(judgeFirstState(free, type, { pushed: true })).toBe('plain')
})

it.each(counted)('one that limits count (%j) waits, has ended, or begins at work by a claim', (run) => {
  const judged = STATE_TYPES.map((type) => [type, judgeFirstState(run, type, { pushed: false })])
  const problem = { problem: expect.stringContaining('must be SCHEDULED, PENDING, RUNNING or an end') as string }
  expect(Object.fromEntries(judged)).toEqual({
    SCHEDULED: 'plain',
    PENDING: 'claimed',
    RUNNING: 'claimed',
    COMPLETED: 'plain',
    FAILED: 'plain',
    CRASHED: 'plain',
    CANCELLED: 'plain',
    CANCELLING: problem,
    PAUSED: problem,
  })
})

it.each(['PENDING', 'RUNNING'] as const)('in a push pool none begins %s: only the dispatcher claims', (type) => {
  const [run] = counted
  const problem = { problem: expect.stringContaining('only the dispatcher claims') as string }
  expect(run && judgeFirstState(run, type, { pushed: true })).toEqual(problem)
})
