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
import type { Variable } from './variable.ts'

/** Prefect's VariableFilter, with the wire's member names. */
export interface VariableFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: Text | undefined
  tags?: TagsCriterion | undefined
}

/** Whether a variable matches the filter; without one, all do. */
export function matchesVariable(variable: Variable, filter: VariableFilter = {}): boolean {
  return combine(filter.operator, [
    matchesAny(variable.id, filter.id),
    matchesText(variable.name, filter.name),
    matchesTags(variable.tags, filter.tags),
  ])
}

export { FLOW_SORTS as VARIABLE_SORTS } from '#shared/flow/flow-filter.ts'
