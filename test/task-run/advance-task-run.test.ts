import { expect, it } from 'vitest'
import { HISTORY_MAX } from '#shared/bounds.ts'
import { newState } from '#shared/flow-run/state.ts'
import { advanceTaskRun } from '#shared/task-run/advance-task-run.ts'
import { at, T0 } from '../support/fixtures/a-run.ts'
import { aTaskRun } from '../support/fixtures/a-task-run.ts'

const running = advanceTaskRun(aTaskRun(), newState('RUNNING', at(1)), 3)

it('counts tries, and records the try of its flow in which it ran', () => {
  expect(running).toMatchObject({ runCount: 1, flowRunRunCount: 3, startTime: at(1), stateSequence: 2 })
})

it('notes each state in its history, of which the latest are kept', () => {
  const { history } = advanceTaskRun(running, newState('COMPLETED', at(2), { message: 'done' }))
  expect(history.map(({ type, timestamp }) => [type, timestamp])).toEqual([
    ['PENDING', T0],
    ['RUNNING', at(1)],
    ['COMPLETED', at(2)],
  ])
  expect(history.at(-1)).toEqual({ type: 'COMPLETED', name: 'Completed', timestamp: at(2), message: 'done' })
  let task = running
  for (let n = 0; n < HISTORY_MAX; n += 1) task = advanceTaskRun(task, newState('RUNNING', at(2 + n)))
  expect(task.history).toHaveLength(HISTORY_MAX)
  expect(task.history.at(-1)?.timestamp).toBe(at(1 + HISTORY_MAX))
  expect(task.stateSequence).toBe(2 + HISTORY_MAX)
})

it('sums the time in RUNNING over its tries', () => {
  const waiting = advanceTaskRun(running, newState('SCHEDULED', at(3), { details: { scheduledTime: at(4) } }))
  expect(waiting).toMatchObject({ totalRunTimeSeconds: 2, nextScheduledStartTime: at(4), endTime: null })
  const ended = advanceTaskRun(advanceTaskRun(waiting, newState('RUNNING', at(4))), newState('COMPLETED', at(5)))
  expect(ended).toMatchObject({ runCount: 2, totalRunTimeSeconds: 3, endTime: at(5), nextScheduledStartTime: null })
})

it('gives a task run that leaves a terminal state all its tries again', () => {
  const failed = advanceTaskRun(running, newState('FAILED', at(2)))
  expect(advanceTaskRun(failed, newState('RUNNING', at(3)), 4)).toMatchObject({
    runCount: 1,
    flowRunRunCount: 4,
    endTime: null,
  })
  expect(advanceTaskRun(failed, newState('CANCELLED', at(3)))).toMatchObject({ runCount: 1, endTime: at(2) })
})

it('never goes back in time, and has no end without a start', () => {
  expect(advanceTaskRun(running, newState('COMPLETED', at(0))).state.timestamp).toBe(at(1) + 1)
  expect(advanceTaskRun(aTaskRun(), newState('CANCELLED', at(1))).endTime).toBeNull()
})

it('holds its slots while it runs or is being cancelled', () => {
  const holding = { ...running, leased: true }
  expect(advanceTaskRun(holding, newState('CANCELLING', at(2))).leased).toBe(true)
  expect(advanceTaskRun(holding, newState('SCHEDULED', at(2))).leased).toBe(false)
})
