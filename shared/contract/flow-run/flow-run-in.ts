import * as z from 'zod/mini'
import {
  JsonObject,
  maybe,
  NameIn,
  named,
  numeric,
  ParametersIn,
  patchable,
  Tags,
  TextIn,
  UuidIn,
} from '#shared/contract/wire.ts'
import type { FlowRunDetails, RetrySettings } from '#shared/flow-run/flow-run.ts'
import type { NewFlowRun } from '#shared/flow-run/new-flow-run.ts'
import { ShortTextIn, StateIn } from './flow-run-state.ts'

const KEY_CHARS_MAX = 2_000
const NAME_CHARS_MAX = 1_000
const RETRIES_MAX = 1_000_000
const RETRY_SECONDS_MAX = 366 * 24 * 3600
const Count = numeric(z.int().check(z.gte(0), z.lte(RETRIES_MAX)))
const Seconds = numeric(z.number().check(z.gte(0), z.lte(RETRY_SECONDS_MAX)))

const FlowRunPolicyIn = named('FlowRunPolicyInput', () =>
  z.object({
    max_retries: maybe(Count),
    retry_delay_seconds: maybe(Seconds),
    retries: maybe(Count),
    retry_delay: maybe(Seconds),
    pause_keys: maybe(z.array(ShortTextIn).check(z.maxLength(100))),
    resuming: maybe(z.boolean()),
    retry_type: maybe(z.enum(['in_process', 'reschedule'])),
  }),
)

/** What the two ways to create a run have in common. */
const runMembers = () => ({
  name: maybe(z.string().check(z.maxLength(NAME_CHARS_MAX))),
  state: maybe(StateIn),
  parameters: maybe(ParametersIn),
  context: maybe(JsonObject),
  tags: maybe(Tags),
  labels: maybe(JsonObject),
  job_variables: maybe(JsonObject),
  idempotency_key: maybe(z.string().check(z.minLength(1), z.maxLength(KEY_CHARS_MAX))),
  parent_task_run_id: maybe(UuidIn),
  infrastructure_document_id: maybe(UuidIn),
  empirical_policy: maybe(FlowRunPolicyIn),
  work_queue_name: maybe(NameIn),
})

export const DeploymentFlowRunCreateIn = named('DeploymentFlowRunCreateRequest', () =>
  z.object({ ...runMembers(), enforce_parameter_schema: maybe(z.boolean()) }),
)
export const FlowRunCreateIn = named('FlowRunCreateRequest', () =>
  z.object({
    ...runMembers(),
    flow_id: UuidIn,
    flow_version: maybe(z.string().check(z.maxLength(KEY_CHARS_MAX))),
    deployment_id: maybe(UuidIn),
    work_pool_name: maybe(NameIn),
  }),
)

export const FlowRunUpdateIn = named('FlowRunUpdateRequest', () =>
  z.object({
    name: maybe(z.string().check(z.minLength(1), z.maxLength(NAME_CHARS_MAX))),
    flow_version: patchable(z.string().check(z.maxLength(KEY_CHARS_MAX))),
    parameters: maybe(ParametersIn),
    empirical_policy: maybe(FlowRunPolicyIn),
    tags: maybe(Tags),
    infrastructure_pid: patchable(TextIn),
    job_variables: maybe(JsonObject),
  }),
)

type Wire = Omit<z.output<typeof DeploymentFlowRunCreateIn>, 'enforce_parameter_schema'> & {
  flow_version?: string | undefined
  enforce_parameter_schema?: boolean | undefined
}

/** The members of a new run in a request, without what it belongs to. */
export function parseNewFlowRun(wire: Wire): Omit<NewFlowRun, 'flowId' | 'deploymentId' | 'poolName'> {
  return {
    queueName: wire.work_queue_name,
    enforceParameterSchema: wire.enforce_parameter_schema,
    state: wire.state,
    policy: parsePolicy(wire.empirical_policy),
    details: given<FlowRunDetails>({
      name: wire.name,
      tags: wire.tags,
      labels: wire.labels,
      parameters: wire.parameters,
      context: wire.context,
      jobVariables: wire.job_variables,
      idempotencyKey: wire.idempotency_key,
      parentTaskRunId: wire.parent_task_run_id,
      flowVersion: wire.flow_version,
      infrastructureDocumentId: wire.infrastructure_document_id,
    }),
  }
}

/** What a PATCH changes in a run's details. */
export function parseDetailsChange(wire: z.output<typeof FlowRunUpdateIn>): Partial<FlowRunDetails> {
  return given<FlowRunDetails>({
    name: wire.name,
    flowVersion: wire.flow_version,
    parameters: wire.parameters,
    tags: wire.tags,
    jobVariables: wire.job_variables,
  })
}

/**
 * The settings of the retry policy as far as they are given. `pause_keys`, `resuming` and `retry_type`, which Prefect's
 * clients send back as they read them, are the service's own: an old process must not bring back what it knew.
 */
export function parsePolicy(wire: z.output<typeof FlowRunPolicyIn> | undefined): Partial<RetrySettings> {
  return given<RetrySettings>({
    maxRetries: wire?.max_retries,
    retryDelaySeconds: wire?.retry_delay_seconds,
    retries: wire?.retries,
    retryDelay: wire?.retry_delay,
  })
}

/** The same without the members that are undefined, so that it can be spread over what was there. */
function given<T>(members: { [K in keyof T]?: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>
}
