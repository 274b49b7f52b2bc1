import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { ListFiltersIn } from '#shared/contract/list-filters.ts'
import {
  InstantOut,
  JsonObject,
  maybe,
  NumberedPageIn,
  NumberedPageOut,
  named,
  PageIn,
  UuidIn,
  UuidOut,
} from '#shared/contract/wire.ts'
import { FLOW_RUN_SORTS } from '#shared/flow-run/flow-run-sort.ts'
import { STATE_TYPES } from '#shared/flow-run/state.ts'
import { FlowRunCreateIn, FlowRunUpdateIn } from './flow-run-in.ts'
import { StateOut, StateProposalIn } from './flow-run-state.ts'

const tag = 'Flow runs'
const params = () => z.object({ id: UuidIn })

const FlowRunPolicyOut = named('FlowRunPolicy', () =>
  z.object({
    max_retries: z.int(),
    retry_delay_seconds: z.number(),
    retries: z.nullable(z.int()),
    retry_delay: z.nullable(z.number()),
    pause_keys: z.array(z.string()),
    resuming: z.boolean(),
    retry_type: z.nullable(z.enum(['in_process', 'reschedule'])),
  }),
)

export const FlowRunOut = named('FlowRun', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    flow_id: UuidOut,
    state_id: UuidOut,
    deployment_id: z.nullable(UuidOut),
    deployment_version: z.nullable(z.string()),
    work_queue_id: z.nullable(UuidOut),
    work_queue_name: z.nullable(z.string()),
    work_pool_id: z.nullable(UuidOut),
    work_pool_name: z.nullable(z.string()),
    flow_version: z.nullable(z.string()),
    parameters: JsonObject,
    idempotency_key: z.nullable(z.string()),
    context: JsonObject,
    empirical_policy: FlowRunPolicyOut,
    tags: z.array(z.string()),
    labels: JsonObject,
    parent_task_run_id: z.nullable(UuidOut),
    state_type: z.enum(STATE_TYPES),
    state_name: z.string(),
    run_count: z.int(),
    expected_start_time: InstantOut,
    next_scheduled_start_time: z.nullable(InstantOut),
    start_time: z.nullable(InstantOut),
    end_time: z.nullable(InstantOut),
    total_run_time: z.number(),
    estimated_run_time: z.number(),
    estimated_start_time_delta: z.number(),
    auto_scheduled: z.boolean(),
    infrastructure_document_id: z.nullable(UuidOut),
    infrastructure_pid: z.nullable(z.string()),
    created_by: z.nullable(JsonObject),
    state: StateOut,
    job_variables: JsonObject,
  }),
)

export const OrchestrationResultOut = named('OrchestrationResult', () =>
  z.object({
    state: z.nullable(StateOut),
    status: z.enum(['ACCEPT', 'REJECT', 'WAIT', 'ABORT']),
    details: named('OrchestrationDetails', () =>
      z.object({
        type: z.enum(['accept_details', 'reject_details', 'wait_details', 'abort_details']),
        reason: z.optional(z.string()),
        delay_seconds: z.optional(z.int()),
      }),
    ),
  }),
)

export const createFlowRun = endpoint({
  method: 'POST',
  path: '/flow_runs/',
  scope: 'work',
  // These route a run to a worker; one without them, such as a subflow's, runs in its caller's process.
  widerFor: { scope: 'operate', members: ['deployment_id', 'work_pool_name', 'work_queue_name'] },
  tag,
  summary: 'Create a flow run; a repeated idempotency key returns the existing run with 200.',
  body: () => FlowRunCreateIn,
  reply: () => FlowRunOut,
  status: 201,
})

export const getFlowRun = endpoint({
  method: 'GET',
  path: '/flow_runs/:id',
  scope: 'work',
  tag,
  summary: 'Get a flow run.',
  params,
  reply: () => FlowRunOut,
  status: 200,
})

export const updateFlowRun = endpoint({
  method: 'PATCH',
  path: '/flow_runs/:id',
  scope: 'work',
  // These decide what a waiting run will do; workers and engines change its name, version, policy and process alone.
  widerFor: { scope: 'operate', members: ['job_variables', 'parameters'] },
  tag,
  summary: 'Update a flow run; omitted fields stay unchanged.',
  params,
  body: () => FlowRunUpdateIn,
  status: 204,
})

export const deleteFlowRun = endpoint({
  method: 'DELETE',
  path: '/flow_runs/:id',
  scope: 'operate',
  tag,
  summary: 'Delete a flow run and its logs; one that holds slots must be cancelled first.',
  params,
  status: 204,
})

export const setFlowRunState = endpoint({
  method: 'POST',
  path: '/flow_runs/:id/set_state',
  scope: 'work',
  tag,
  summary: 'Propose a state; the response says whether it was accepted, and is 200 if nothing was stored.',
  params,
  body: () => StateProposalIn,
  reply: () => OrchestrationResultOut,
  status: 201,
})

export const resumeFlowRun = endpoint({
  method: 'POST',
  path: '/flow_runs/:id/resume',
  scope: 'operate',
  tag,
  summary: 'Resume a flow run that is paused or suspended.',
  params,
  body: () => named('FlowRunResumeRequest', () => z.object({ run_input: maybe(JsonObject) })),
  reply: () => OrchestrationResultOut,
  status: 201,
})

export const setFlowRunLabels = endpoint({
  method: 'PATCH',
  path: '/flow_runs/:id/labels',
  scope: 'work',
  tag,
  summary: "Add to a flow run's labels.",
  params,
  body: () => named('FlowRunLabelsRequest', () => JsonObject),
  bodyIsFree: true,
  status: 204,
})

const sort = maybe(z.enum(FLOW_RUN_SORTS))

export const listFlowRuns = endpoint({
  method: 'POST',
  path: '/flow_runs/filter',
  scope: 'work',
  tag,
  summary: 'List flow runs, by default the latest expected start first.',
  body: () => named('FlowRunListRequest', () => z.object({ ...ListFiltersIn, ...PageIn, sort })),
  reply: () => z.array(FlowRunOut),
  status: 200,
})

export const countFlowRuns = endpoint({
  method: 'POST',
  path: '/flow_runs/count',
  scope: 'work',
  tag,
  summary: 'Count flow runs.',
  body: () => named('FlowRunCountRequest', () => z.object(ListFiltersIn)),
  reply: () => z.int(),
  status: 200,
})

export const paginateFlowRuns = endpoint({
  method: 'POST',
  path: '/flow_runs/paginate',
  scope: 'work',
  tag,
  summary: 'List flow runs by page, with their count.',
  body: () => named('FlowRunPaginateRequest', () => z.object({ ...ListFiltersIn, ...NumberedPageIn, sort })),
  reply: () => named('FlowRunPage', () => z.object({ results: z.array(FlowRunOut), ...NumberedPageOut })),
  status: 200,
})
