import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { FlowRunOut } from '#shared/contract/flow-run/flow-run.ts'
import { DeploymentFlowRunCreateIn } from '#shared/contract/flow-run/flow-run-in.ts'
import { GlobalLimitOut } from '#shared/contract/limit/global-limit-out.ts'
import { ListFiltersIn } from '#shared/contract/list-filters.ts'
import {
  InstantIn,
  InstantOut,
  JsonObject,
  maybe,
  NumberedPageIn,
  NumberedPageOut,
  named,
  PageIn,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { DEPLOYMENT_SORTS } from '#shared/deployment/deployment-filter.ts'
import { DeploymentCreateIn, DeploymentUpdateIn } from './deployment-in.ts'
import { DeploymentScheduleOut } from './deployment-schedule.ts'

const tag = 'Deployments'
const params = () => z.object({ id: UuidIn })
const sort = withDefault(z.enum(DEPLOYMENT_SORTS), 'NAME_ASC')

export const DeploymentOut = named('Deployment', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    version: z.nullable(z.string()),
    description: z.nullable(z.string()),
    flow_id: UuidOut,
    paused: z.boolean(),
    schedules: z.array(DeploymentScheduleOut),
    concurrency_limit: z.null(),
    global_concurrency_limit: z.nullable(GlobalLimitOut),
    concurrency_options: z.nullable(
      named('ConcurrencyOptions', () =>
        z.object({ collision_strategy: z.string(), grace_period_seconds: z.nullable(z.int()) }),
      ),
    ),
    job_variables: JsonObject,
    parameters: JsonObject,
    tags: z.array(z.string()),
    labels: JsonObject,
    work_queue_name: z.nullable(z.string()),
    work_queue_id: z.nullable(UuidOut),
    work_pool_name: z.nullable(z.string()),
    last_polled: z.nullable(InstantOut),
    parameter_openapi_schema: z.nullable(JsonObject),
    path: z.nullable(z.string()),
    pull_steps: z.nullable(z.array(JsonObject)),
    entrypoint: z.nullable(z.string()),
    storage_document_id: z.nullable(UuidOut),
    infrastructure_document_id: z.nullable(UuidOut),
    created_by: z.null(),
    updated_by: z.null(),
    status: z.enum(['READY', 'NOT_READY']),
    enforce_parameter_schema: z.boolean(),
    on_agent_lost: z.enum(['crash', 'requeue']),
  }),
)

export const createDeployment = endpoint({
  method: 'POST',
  path: '/deployments/',
  scope: 'operate',
  tag,
  summary: 'Create a deployment, or update the one with that flow and name, with 200.',
  body: () => DeploymentCreateIn,
  reply: () => DeploymentOut,
  status: 201,
})

export const getDeployment = endpoint({
  method: 'GET',
  path: '/deployments/:id',
  scope: 'work',
  tag,
  summary: 'Get a deployment.',
  params,
  reply: () => DeploymentOut,
  status: 200,
})

export const getDeploymentByName = endpoint({
  method: 'GET',
  path: '/deployments/name/:flow_name/:deployment_name',
  scope: 'work',
  tag,
  summary: 'Get a deployment by the names of its flow and itself.',
  params: () => z.object({ flow_name: z.string(), deployment_name: z.string() }),
  reply: () => DeploymentOut,
  status: 200,
})

export const updateDeployment = endpoint({
  method: 'PATCH',
  path: '/deployments/:id',
  scope: 'operate',
  tag,
  summary: 'Update a deployment; omitted fields stay unchanged.',
  params,
  body: () => DeploymentUpdateIn,
  status: 204,
})

export const deleteDeployment = endpoint({
  method: 'DELETE',
  path: '/deployments/:id',
  scope: 'operate',
  tag,
  summary: 'Delete a deployment and cancel its waiting runs.',
  params,
  status: 204,
})

export const listDeployments = endpoint({
  method: 'POST',
  path: '/deployments/filter',
  scope: 'work',
  tag,
  summary: 'List deployments.',
  body: () => named('DeploymentListRequest', () => z.object({ ...ListFiltersIn, ...PageIn, sort })),
  reply: () => z.array(DeploymentOut),
  status: 200,
})

export const paginateDeployments = endpoint({
  method: 'POST',
  path: '/deployments/paginate',
  scope: 'work',
  tag,
  summary: 'List deployments by page, with their count.',
  body: () => named('DeploymentPaginateRequest', () => z.object({ ...ListFiltersIn, ...NumberedPageIn, sort })),
  reply: () => named('DeploymentPage', () => z.object({ results: z.array(DeploymentOut), ...NumberedPageOut })),
  status: 200,
})

export const countDeployments = endpoint({
  method: 'POST',
  path: '/deployments/count',
  scope: 'work',
  tag,
  summary: 'Count deployments.',
  body: () => named('DeploymentCountRequest', () => z.object(ListFiltersIn)),
  reply: () => z.int(),
  status: 200,
})

const SERVED_MAX = 200

export const listScheduledFlowRuns = endpoint({
  method: 'POST',
  path: '/deployments/get_scheduled_flow_runs',
  scope: 'work',
  tag,
  summary: 'Poll the deployments that a process serves for runs to start.',
  body: () =>
    named('ScheduledFlowRunListRequest', () =>
      z.object({
        deployment_ids: z.array(UuidIn).check(z.maxLength(SERVED_MAX)),
        scheduled_before: maybe(InstantIn),
        limit: PageIn.limit,
      }),
    ),
  reply: () => z.array(FlowRunOut),
  status: 200,
})

export const createFlowRunFromDeployment = endpoint({
  method: 'POST',
  path: '/deployments/:id/create_flow_run',
  scope: 'operate',
  tag,
  summary: 'Create a flow run of a deployment; a repeated idempotency key returns the existing run with 200.',
  params,
  body: () => DeploymentFlowRunCreateIn,
  reply: () => FlowRunOut,
  status: 201,
})

const pausing = { method: 'POST', tag, params, status: 200, reply: () => z.null() } as const

export const pauseDeployment = endpoint({
  ...pausing,
  path: '/deployments/:id/pause_deployment',
  scope: 'operate',
  summary: 'Pause a deployment: stop creating runs from its schedules.',
})

export const resumeDeployment = endpoint({
  ...pausing,
  path: '/deployments/:id/resume_deployment',
  scope: 'operate',
  summary: 'Resume a deployment: create runs from its schedules again.',
})

export const setDeploymentScheduleInactive = endpoint({
  ...pausing,
  path: '/deployments/:id/set_schedule_inactive',
  scope: 'operate',
  summary: "Pause a deployment; Prefect 2's name for pause_deployment.",
})

export const setDeploymentScheduleActive = endpoint({
  ...pausing,
  path: '/deployments/:id/set_schedule_active',
  scope: 'operate',
  summary: "Resume a deployment; Prefect 2's name for resume_deployment.",
})
