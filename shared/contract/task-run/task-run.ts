import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { OrchestrationResultOut } from '#shared/contract/flow-run/flow-run.ts'
import { StateIn, StateOut, StateProposalIn } from '#shared/contract/flow-run/flow-run-state.ts'
import { ListFiltersIn } from '#shared/contract/list-filters.ts'
import {
  InstantIn,
  InstantOut,
  JsonObject,
  maybe,
  NumberedPageIn,
  NumberedPageOut,
  named,
  numeric,
  PageIn,
  Tags,
  TextIn,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { STATE_TYPES } from '#shared/flow-run/state.ts'
import type { TaskRunPolicy } from '#shared/task-run/task-run.ts'
import { TASK_RUN_SORTS } from '#shared/task-run/task-run-filter.ts'

const tag = 'Task runs'
const params = () => z.object({ id: UuidIn })
const KEY_CHARS_MAX = 1_000
const NAME_CHARS_MAX = 1_000
const RETRIES_MAX = 1_000_000
const SECONDS_MAX = 366 * 24 * 3600
const DELAYS_MAX = 1_000

const Key = z.string().check(z.minLength(1), z.maxLength(KEY_CHARS_MAX))
const Count = numeric(z.int().check(z.gte(0), z.lte(RETRIES_MAX)))
const Seconds = numeric(z.number().check(z.gte(0), z.lte(SECONDS_MAX)))

const TaskRunPolicyIn = named('TaskRunPolicyInput', () =>
  z.object({
    max_retries: maybe(Count),
    retry_delay_seconds: maybe(Seconds),
    retries: maybe(Count),
    retry_delay: maybe(z.union([Seconds, z.array(Seconds).check(z.minLength(1), z.maxLength(DELAYS_MAX))])),
    retry_jitter_factor: maybe(numeric(z.number().check(z.gte(0), z.lte(RETRIES_MAX)))),
  }),
)

const TaskRunCreateIn = named('TaskRunCreateRequest', () =>
  z.object({
    id: maybe(UuidIn),
    name: maybe(z.string().check(z.maxLength(NAME_CHARS_MAX))),
    flow_run_id: maybe(UuidIn),
    task_key: Key,
    dynamic_key: Key,
    cache_key: maybe(TextIn),
    cache_expiration: maybe(InstantIn),
    task_version: maybe(z.string().check(z.maxLength(KEY_CHARS_MAX))),
    empirical_policy: maybe(TaskRunPolicyIn),
    tags: maybe(Tags),
    labels: maybe(JsonObject),
    task_inputs: maybe(JsonObject),
    state: maybe(StateIn),
  }),
)

/** The retry policy as far as it is given. */
export function parseTaskRunPolicy(wire: z.output<typeof TaskRunPolicyIn> | undefined): Partial<TaskRunPolicy> {
  const policy = {
    maxRetries: wire?.max_retries,
    retryDelaySeconds: wire?.retry_delay_seconds,
    retries: wire?.retries,
    retryDelay: wire?.retry_delay,
    retryJitterFactor: wire?.retry_jitter_factor,
  }
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined))
}

export const TaskRunOut = named('TaskRun', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    flow_run_id: z.nullable(UuidOut),
    task_key: z.string(),
    dynamic_key: z.string(),
    cache_key: z.nullable(z.string()),
    cache_expiration: z.nullable(InstantOut),
    task_version: z.nullable(z.string()),
    empirical_policy: named('TaskRunPolicy', () =>
      z.object({
        max_retries: z.int(),
        retry_delay_seconds: z.number(),
        retries: z.nullable(z.int()),
        retry_delay: z.nullable(z.union([z.number(), z.array(z.number())])),
        retry_jitter_factor: z.nullable(z.number()),
      }),
    ),
    tags: z.array(z.string()),
    labels: JsonObject,
    state_id: UuidOut,
    task_inputs: JsonObject,
    state_type: z.enum(STATE_TYPES),
    state_name: z.string(),
    run_count: z.int(),
    flow_run_run_count: z.int(),
    expected_start_time: InstantOut,
    next_scheduled_start_time: z.nullable(InstantOut),
    start_time: z.nullable(InstantOut),
    end_time: z.nullable(InstantOut),
    total_run_time: z.number(),
    estimated_run_time: z.number(),
    estimated_start_time_delta: z.number(),
    state: StateOut,
  }),
)

export const createTaskRun = endpoint({
  method: 'POST',
  path: '/task_runs/',
  scope: 'work',
  tag,
  summary: 'Create a task run; an existing one with these keys in its flow run is returned with 200.',
  body: () => TaskRunCreateIn,
  reply: () => TaskRunOut,
  status: 201,
})

export const getTaskRun = endpoint({
  method: 'GET',
  path: '/task_runs/:id',
  scope: 'work',
  tag,
  summary: 'Get a task run.',
  params,
  reply: () => TaskRunOut,
  status: 200,
})

export const updateTaskRun = endpoint({
  method: 'PATCH',
  path: '/task_runs/:id',
  scope: 'work',
  tag,
  summary: 'Rename a task run.',
  params,
  body: () =>
    named('TaskRunUpdateRequest', () =>
      z.object({ name: maybe(z.string().check(z.minLength(1), z.maxLength(NAME_CHARS_MAX))) }),
    ),
  status: 204,
})

export const deleteTaskRun = endpoint({
  method: 'DELETE',
  path: '/task_runs/:id',
  scope: 'operate',
  tag,
  summary: 'Delete a task run.',
  params,
  status: 204,
})

export const setTaskRunState = endpoint({
  method: 'POST',
  path: '/task_runs/:id/set_state',
  scope: 'work',
  tag,
  summary: "Propose a task run's state; the response says whether it was accepted, and is 200 if nothing was stored.",
  params,
  body: () => StateProposalIn,
  reply: () => OrchestrationResultOut,
  status: 201,
})

const sort = withDefault(z.enum(TASK_RUN_SORTS), 'ID_DESC')

export const listTaskRuns = endpoint({
  method: 'POST',
  path: '/task_runs/filter',
  scope: 'work',
  tag,
  summary: 'List task runs; of the newest flow runs unless flow runs are given.',
  body: () => named('TaskRunListRequest', () => z.object({ ...ListFiltersIn, ...PageIn, sort })),
  reply: () => z.array(TaskRunOut),
  status: 200,
})

export const countTaskRuns = endpoint({
  method: 'POST',
  path: '/task_runs/count',
  scope: 'work',
  tag,
  summary: 'Count task runs; of the newest flow runs unless flow runs are given.',
  body: () => named('TaskRunCountRequest', () => z.object(ListFiltersIn)),
  reply: () => z.int(),
  status: 200,
})

export const paginateTaskRuns = endpoint({
  method: 'POST',
  path: '/task_runs/paginate',
  scope: 'work',
  tag,
  summary: 'List task runs by page, with their count.',
  body: () => named('TaskRunPaginateRequest', () => z.object({ ...ListFiltersIn, ...NumberedPageIn, sort })),
  reply: () => named('TaskRunPage', () => z.object({ results: z.array(TaskRunOut), ...NumberedPageOut })),
  status: 200,
})

export const listTaskRunStates = endpoint({
  method: 'GET',
  path: '/task_run_states/',
  scope: 'work',
  tag,
  summary: "List a task run's states, oldest first, ending with the current one.",
  query: () => z.object({ task_run_id: UuidIn }),
  reply: () => z.array(StateOut),
  status: 200,
})

export const getTaskRunState = endpoint({
  method: 'GET',
  path: '/task_run_states/:id',
  scope: 'work',
  tag,
  summary: 'Get a state of a task run.',
  params,
  reply: () => StateOut,
  status: 200,
})
