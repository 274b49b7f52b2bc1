import * as z from 'zod/mini'
import { STATE_TYPES } from '#shared/flow-run/state.ts'
import {
  filterOf,
  namedFilter,
  OperatorIn,
  StringFilter,
  StringOrNullFilter,
  Strings,
  TagsFilter,
  TextFilter,
  TimeFilter,
  UuidFilter,
  UuidOrNullFilter,
  Uuids,
} from './filter.ts'
import { maybe, numeric } from './wire.ts'
import { WorkPoolFilterIn } from './work-pool/work-pool.ts'
import { WorkQueueFilterIn } from './work-pool/work-queue.ts'

const StateTypes = maybe(z.array(z.enum(STATE_TYPES)))
const StateFilter = namedFilter('StateFilter', () => ({
  operator: OperatorIn,
  type: maybe(filterOf({ any_: StateTypes, not_any_: StateTypes })),
  name: StringFilter,
}))

const FlowRunFilterIn = namedFilter('FlowRunFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  name: TextFilter,
  tags: TagsFilter,
  deployment_id: UuidOrNullFilter,
  work_queue_name: StringOrNullFilter,
  state: StateFilter,
  flow_version: StringFilter,
  start_time: TimeFilter,
  end_time: TimeFilter,
  expected_start_time: TimeFilter,
  next_scheduled_start_time: TimeFilter,
  parent_task_run_id: UuidOrNullFilter,
  parent_flow_run_id: UuidOrNullFilter,
  idempotency_key: StringFilter,
  created_by: maybe(filterOf({ operator: OperatorIn, id_: Uuids, type_: Strings, is_null_: maybe(z.boolean()) })),
}))

const FlowFilterIn = namedFilter('FlowFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  name: TextFilter,
  tags: TagsFilter,
  deployment: maybe(filterOf({ operator: OperatorIn, is_null_: maybe(z.boolean()) })),
}))

const Flag = maybe(filterOf({ eq_: maybe(z.boolean()) }))

const DeploymentFilterIn = namedFilter('DeploymentFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  name: TextFilter,
  flow_or_deployment_name: maybe(filterOf({ like_: maybe(z.string()) })),
  paused: Flag,
  is_schedule_active: Flag,
  tags: TagsFilter,
  work_queue_name: StringFilter,
  concurrency_limit: maybe(
    filterOf({ ge_: maybe(numeric(z.int())), le_: maybe(numeric(z.int())), is_null_: maybe(z.boolean()) }),
  ),
}))

const TaskRunFilterIn = namedFilter('TaskRunFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  name: TextFilter,
  tags: TagsFilter,
  state: StateFilter,
  start_time: TimeFilter,
  end_time: TimeFilter,
  expected_start_time: TimeFilter,
  subflow_runs: maybe(filterOf({ exists_: maybe(z.boolean()) })),
  flow_run_id: UuidOrNullFilter,
}))

/** The filters that every list of flows, deployments and runs takes: on the thing itself and on what it belongs to. */
export const ListFiltersIn = {
  flows: FlowFilterIn,
  flow_runs: FlowRunFilterIn,
  task_runs: TaskRunFilterIn,
  deployments: DeploymentFilterIn,
  work_pools: WorkPoolFilterIn,
  work_pool_queues: WorkQueueFilterIn,
}
