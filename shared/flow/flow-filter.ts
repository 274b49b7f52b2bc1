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
import type { Flow } from './flow.ts'

/** Prefect's FlowFilter, with the wire's member names. */
export interface FlowFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: Text | undefined
  tags?: TagsCriterion | undefined
  /** Flows that have no deployment, or those that have one. */
  deployment?: { is_null_?: boolean | undefined } | undefined
}

/** Whether a flow matches; `deployed` holds the ids of flows that have a deployment. */
export function matchesFlow(flow: Flow, filter: FlowFilter, deployed: ReadonlySet<string>): boolean {
  const { id, name, tags, deployment } = filter
  const isNull = deployment?.is_null_
  return combine(filter.operator, [
    matchesAny(flow.id, id),
    matchesText(flow.name, name),
    matchesTags(flow.tags, tags),
    isNull === undefined ? undefined : !deployed.has(flow.id) === isNull,
  ])
}

export const FLOW_SORTS = ['CREATED_DESC', 'UPDATED_DESC', 'NAME_ASC', 'NAME_DESC'] as const
