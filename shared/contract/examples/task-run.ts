import type * as z from 'zod/mini'
import type * as contract from '#shared/contract/task-run/task-run.ts'
import type { TaskRunOut } from '#shared/contract/task-run/task-run.ts'
import type { ExamplesOf } from './example.ts'
import { scheduled } from './flow-run.ts'
import * as story from './story.ts'

const state = {
  ...scheduled,
  id: story.TASK_STATE_ID,
  type: 'RUNNING' as const,
  name: 'Running',
  timestamp: story.STARTED,
  state_details: { ...scheduled.state_details, scheduled_time: null, task_run_id: story.TASK_RUN_ID },
}

const taskRun: z.output<typeof TaskRunOut> = {
  id: story.TASK_RUN_ID,
  ...story.stored,
  name: 'extract-0',
  flow_run_id: story.RUN_ID,
  task_key: 'extract-1f3a9c7e',
  dynamic_key: '0',
  cache_key: null,
  cache_expiration: null,
  task_version: null,
  empirical_policy: {
    max_retries: 0,
    retry_delay_seconds: 0,
    retries: 2,
    retry_delay: [10, 60],
    retry_jitter_factor: null,
  },
  tags: ['database'],
  labels: {},
  state_id: story.TASK_STATE_ID,
  task_inputs: { day: [] },
  state_type: 'RUNNING',
  state_name: 'Running',
  run_count: 1,
  flow_run_run_count: 1,
  expected_start_time: story.STARTED,
  next_scheduled_start_time: null,
  start_time: story.STARTED,
  end_time: null,
  total_run_time: 0,
  estimated_run_time: 42.5,
  estimated_start_time_delta: 0,
  state,
}

const filter = { flow_runs: { id: { any_: [story.RUN_ID] } } }

export const taskRunExamples = {
  createTaskRun: {
    body: {
      flow_run_id: story.RUN_ID,
      task_key: 'extract-1f3a9c7e',
      dynamic_key: '0',
      name: 'extract-0',
      empirical_policy: { retries: 2, retry_delay: [10, 60] },
      tags: ['database'],
      task_inputs: { day: [] },
      state: { type: 'PENDING' },
    },
    reply: taskRun,
  },
  getTaskRun: { reply: taskRun },
  updateTaskRun: { body: { name: 'extract-0' } },
  deleteTaskRun: {},
  setTaskRunState: {
    body: { state: { type: 'RUNNING' }, force: false },
    reply: { state, status: 'ACCEPT', details: { type: 'accept_details' } },
  },
  listTaskRuns: { body: { ...filter, ...story.page, sort: 'EXPECTED_START_TIME_ASC' }, reply: [taskRun] },
  countTaskRuns: { body: filter, reply: 1 },
  paginateTaskRuns: {
    body: { ...filter, limit: 50, page: 1 },
    reply: { results: [taskRun], count: 1, limit: 50, pages: 1, page: 1 },
  },
  listTaskRunStates: { reply: [state] },
  getTaskRunState: { reply: state },
} satisfies ExamplesOf<typeof contract>
