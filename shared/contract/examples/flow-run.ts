import type * as z from 'zod/mini'
import type * as explain from '#shared/contract/flow-run/explain.ts'
import type * as contract from '#shared/contract/flow-run/flow-run.ts'
import type { FlowRunOut } from '#shared/contract/flow-run/flow-run.ts'
import type * as input from '#shared/contract/flow-run/flow-run-input.ts'
import type * as states from '#shared/contract/flow-run/flow-run-state.ts'
import type { StateOut } from '#shared/contract/flow-run/flow-run-state.ts'
import type * as poll from '#shared/contract/poll/poll.ts'
import type { ExamplesOf } from './example.ts'
import * as story from './story.ts'

const obstacle = {
  reason: 'full',
  message:
    'The concurrency limit of its work queue is reached (5 of 5 held); 3 runs go first, and a slot has to become free for each.',
  limit: { kind: 'queue' as const, id: story.QUEUE_ID, limit: 5, active: 5 },
  runs_ahead: 3,
}

const explanation = {
  flow_run_id: story.RUN_ID,
  state_type: 'SCHEDULED',
  state_name: 'Scheduled',
  ...obstacle,
  obstacles: [obstacle],
  evaluated_at: story.STARTED,
}

export const scheduled: z.output<typeof StateOut> = {
  id: story.STATE_ID,
  type: 'SCHEDULED',
  name: 'Scheduled',
  timestamp: story.CREATED,
  message: null,
  data: null,
  state_details: {
    flow_run_id: story.RUN_ID,
    scheduled_time: story.DUE,
    pause_timeout: null,
    pause_reschedule: false,
    pause_key: null,
    transition_id: null,
    untrackable_result: false,
  },
}

export const flowRun: z.output<typeof FlowRunOut> = {
  id: story.RUN_ID,
  ...story.stored,
  name: 'brisk-otter',
  flow_id: story.FLOW_ID,
  state_id: story.STATE_ID,
  deployment_id: story.DEPLOYMENT_ID,
  deployment_version: '1.4.0',
  work_queue_id: story.QUEUE_ID,
  work_queue_name: 'urgent',
  work_pool_id: story.POOL_ID,
  work_pool_name: 'main',
  flow_version: '1.4.0',
  parameters: { day: '2026-01-15' },
  idempotency_key: 'etl-2026-01-15',
  context: {},
  empirical_policy: {
    max_retries: 0,
    retry_delay_seconds: 0,
    retries: 2,
    retry_delay: 60,
    pause_keys: [],
    resuming: false,
    retry_type: null,
  },
  tags: ['data'],
  labels: { team: 'platform' },
  parent_task_run_id: null,
  state_type: 'SCHEDULED',
  state_name: 'Scheduled',
  run_count: 0,
  expected_start_time: story.DUE,
  next_scheduled_start_time: story.DUE,
  start_time: null,
  end_time: null,
  total_run_time: 0,
  estimated_run_time: 0,
  estimated_start_time_delta: 0,
  auto_scheduled: false,
  infrastructure_document_id: null,
  infrastructure_pid: null,
  created_by: null,
  state: scheduled,
  job_variables: { cpu: 512 },
}

/** The members that all bodies of new runs share. */
export const newRun = {
  name: 'brisk-otter',
  state: { type: 'SCHEDULED' as const, state_details: { scheduled_time: story.DUE } },
  parameters: { day: '2026-01-15' },
  tags: ['data'],
  idempotency_key: 'etl-2026-01-15',
}

const running = { ...scheduled, type: 'RUNNING' as const, name: 'Running', timestamp: story.STARTED }
const accepted = {
  state: running,
  status: 'ACCEPT' as const,
  details: { type: 'accept_details' as const },
}
const runs = { flow_runs: { state: { type: { any_: ['SCHEDULED', 'RUNNING'] as ('SCHEDULED' | 'RUNNING')[] } } } }
const runInput = {
  id: '019ad2f6-35c8-7b14-9e02-a7d4f1c6b593',
  ...story.stored,
  flow_run_id: story.RUN_ID,
  key: 'approval',
  value: '{"approved": true}',
  sender: null,
}

export const flowRunExamples = {
  createFlowRun: { body: { flow_id: story.FLOW_ID, ...newRun }, reply: flowRun },
  getFlowRun: { reply: flowRun },
  updateFlowRun: { body: { name: 'brisk-otter', tags: ['data', 'rerun'] } },
  deleteFlowRun: {},
  setFlowRunState: { body: { state: { type: 'RUNNING' }, force: false }, reply: accepted },
  resumeFlowRun: { body: { run_input: { approved: true } }, reply: accepted },
  setFlowRunLabels: { body: { team: 'platform' } },
  listFlowRuns: { body: { ...runs, ...story.page, sort: 'EXPECTED_START_TIME_DESC' }, reply: [flowRun] },
  countFlowRuns: { body: runs, reply: 1 },
  paginateFlowRuns: {
    body: { ...runs, limit: 50, page: 1 },
    reply: { results: [flowRun], count: 1, limit: 50, pages: 1, page: 1 },
  },
  listFlowRunStates: { reply: [scheduled, running] },
  getFlowRunState: { reply: scheduled },
  createFlowRunInput: { body: { key: 'approval', value: '{"approved": true}' }, reply: null },
  listFlowRunInputs: { body: { prefix: 'approval', limit: 1 }, reply: [runInput] },
  getFlowRunInput: { reply: runInput.value },
  deleteFlowRunInput: {},
  explainFlowRun: { reply: explanation },
  explainFlowRuns: { body: { flow_run_ids: [story.RUN_ID] }, reply: [explanation] },
  pollWorkPool: {
    body: { work_queue_names: ['urgent'], scheduled_before: story.DUE, limit: 10 },
    reply: [{ work_pool_id: story.POOL_ID, work_queue_id: story.QUEUE_ID, flow_run: flowRun }],
  },
  pollWorkQueue: { body: { scheduled_before: story.DUE, limit: 10 }, reply: [flowRun] },
} satisfies ExamplesOf<typeof contract & typeof states & typeof input & typeof explain & typeof poll>
