import {
  type AnyOf,
  combine,
  matchesAny,
  matchesTags,
  matchesText,
  type Operator,
  type TagsCriterion,
  type Text,
} from '#shared/filter/criterion.ts'
import type { Deployment } from './deployment.ts'

/** Prefect's DeploymentFilter, with the wire's member names. */
export interface DeploymentFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: Text | undefined
  flow_or_deployment_name?: { like_?: string | undefined } | undefined
  paused?: { eq_?: boolean | undefined } | undefined
  /** Prefect 2's filter, the opposite of `paused`. */
  is_schedule_active?: { eq_?: boolean | undefined } | undefined
  tags?: TagsCriterion | undefined
  work_queue_name?: AnyOf | undefined
  concurrency_limit?: { ge_?: number | undefined; le_?: number | undefined; is_null_?: boolean | undefined } | undefined
}

/** Whether a deployment matches the filter. */
export function matchesDeployment(deployment: Deployment, filter: DeploymentFilter, flowName: string): boolean {
  const { id, name, flow_or_deployment_name, paused, is_schedule_active, tags, work_queue_name, concurrency_limit } =
    filter
  return combine(filter.operator, [
    matchesAny(deployment.id, id),
    matchesText(deployment.name, name),
    matchesEither(deployment.name, flowName, flow_or_deployment_name?.like_),
    paused?.eq_ === undefined ? undefined : deployment.paused === paused.eq_,
    is_schedule_active?.eq_ === undefined ? undefined : deployment.paused !== is_schedule_active.eq_,
    matchesTags(deployment.tags, tags),
    matchesAny(deployment.queueName, work_queue_name),
    matchesLimit(deployment.concurrencyLimit, concurrency_limit),
  ])
}

function matchesEither(name: string, flowName: string, like: string | undefined): boolean | undefined {
  if (like === undefined) return undefined
  return matchesText(name, { like_: like }) === true || matchesText(flowName, { like_: like }) === true
}

function matchesLimit(limit: number | null, criterion: DeploymentFilter['concurrency_limit']): boolean | undefined {
  if (!criterion) return undefined
  const { ge_, le_, is_null_ } = criterion
  return combine('and_', [
    ge_ === undefined ? undefined : limit !== null && limit >= ge_,
    le_ === undefined ? undefined : limit !== null && limit <= le_,
    is_null_ === undefined ? undefined : (limit === null) === is_null_,
  ])
}

export const DEPLOYMENT_SORTS = ['CREATED_DESC', 'UPDATED_DESC', 'NAME_ASC', 'NAME_DESC'] as const
