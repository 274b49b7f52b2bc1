import { describe, expect, it } from 'vitest'
import { newState } from '#shared/flow-run/state.ts'
import { taskRunIdOf } from '#shared/task-run/ids.ts'
import { matchesTaskRun, sortTaskRuns, type TaskRunFilter, type TaskRunSort } from '#shared/task-run/task-run-filter.ts'
import { at, LIFE, RUN_ID, T0 } from '../support/fixtures/a-run.ts'
import { aTaskRun, TASK_RUN_ID } from '../support/fixtures/a-task-run.ts'

const task = aTaskRun({ state: newState('RUNNING', T0), tags: ['a'], startTime: T0, endTime: at(9), childIds: ['c'] })

const FILTERS: [TaskRunFilter, boolean][] = [
  [{}, true],
  [{ id: { any_: [TASK_RUN_ID] } }, true],
  [{ id: { any_: ['x'] } }, false],
  [{ name: { like_: 'LOAD' } }, true],
  [{ name: { any_: ['x'] } }, false],
  [{ tags: { all_: ['a'] } }, true],
  [{ tags: { is_null_: true } }, false],
  [{ state: { type: { any_: ['RUNNING'] } } }, true],
  [{ state: { type: { any_: ['RUNNING'] }, name: { any_: ['Other'] } } }, false],
  [{ state: { operator: 'or_', type: { any_: ['RUNNING'] }, name: { any_: ['Other'] } } }, true],
  [{ start_time: { after_: T0 } }, true],
  [{ start_time: { after_: at(1) } }, false],
  [{ end_time: { before_: at(9) } }, true],
  [{ end_time: { before_: at(8) } }, false],
  [{ expected_start_time: { before_: T0 } }, true],
  [{ expected_start_time: { after_: at(1) } }, false],
  [{ subflow_runs: { exists_: true } }, true],
  [{ subflow_runs: { exists_: false } }, false],
  [{ subflow_runs: {} }, true],
  [{ flow_run_id: { any_: [RUN_ID] } }, true],
  [{ flow_run_id: { is_null_: true } }, false],
  [{ name: { any_: ['x'] }, tags: { all_: ['a'] } }, false],
  [{ operator: 'or_', name: { any_: ['x'] }, tags: { all_: ['a'] } }, true],
]
it.each(FILTERS)('the filter %j finds a task run: %s', (filter, found) => {
  expect(matchesTaskRun(task, filter)).toBe(found)
})

it('a task run without children is no subflow', () => {
  expect(matchesTaskRun(aTaskRun(), { subflow_runs: { exists_: true } })).toBe(false)
})

describe('sorting task runs', () => {
  const tasks = [
    aTaskRun({ id: 'a', name: 'y', created: 2, expectedStartTime: 3, endTime: 5, totalRunTimeSeconds: 1 }),
    aTaskRun({ id: 'b', name: 'x', created: 3, expectedStartTime: 1, endTime: null, totalRunTimeSeconds: 3 }),
    aTaskRun({ id: 'c', name: 'z', created: 1, expectedStartTime: 2, endTime: 6, totalRunTimeSeconds: 2 }),
    aTaskRun({ id: 'd', name: 'z', created: 0, expectedStartTime: 2, nextScheduledStartTime: 4 }),
  ]
  const SORTS: [TaskRunSort, string][] = [
    ['ID_DESC', 'bacd'],
    ['EXPECTED_START_TIME_ASC', 'bdca'],
    ['EXPECTED_START_TIME_DESC', 'adcb'],
    ['NAME_ASC', 'badc'],
    ['NAME_DESC', 'dcab'],
    ['NEXT_SCHEDULED_START_TIME_ASC', 'dcba'],
    ['END_TIME_DESC', 'cadb'],
    ['DURATION_ASC', 'dacb'],
    ['DURATION_DESC', 'bcad'],
  ]
  it.each(SORTS)('by %s, those without a value last, equals by id: %s', (sort, order) => {
    for (const given of [tasks, tasks.toReversed()])
      expect(
        sortTaskRuns(given, sort)
          .map(({ id }) => id)
          .join(''),
      ).toBe(order)
  })
})

it('a task run is told by its keys and the life of its flow run', () => {
  const run = { id: RUN_ID, life: LIFE }
  expect(taskRunIdOf(run, 'k', '0')).toBe(taskRunIdOf(run, 'k', '0'))
  const others = [taskRunIdOf(run, 'k', '1'), taskRunIdOf(run, 'l', '0'), taskRunIdOf({ ...run, life: 'x' }, 'k', '0')]
  expect(new Set([taskRunIdOf(run, 'k', '0'), ...others]).size).toBe(4)
})
