import type { Instant } from '../instant.ts'
import type { FlowRunFilter } from './flow-run-filter.ts'
import type { Scope } from './scope.ts'
import type { StateType } from './state.ts'

/**
 * Where to look for runs: those named by id, those of some deployments, those in some states, or all by time. Each is
 * wider than the filter, which is then applied to every run that is found.
 */
export type RunSource =
  | { kind: 'ids'; runIds: readonly string[] }
  | { kind: 'deployments'; deploymentIds: readonly string[]; from?: Instant; to?: Instant }
  /** These states have few runs at a time, unless there is a backlog; `otherwise` is where to look then. */
  | { kind: 'states'; types: readonly StateType[]; otherwise: RunSource }
  | { kind: 'time'; from?: Instant; to?: Instant }

/** Each deployment is a range of its own to read; for more than these, all runs by time are read instead. */
const DEPLOYMENTS_MAX = 50
const SHORT_LIVED: readonly StateType[] = ['SCHEDULED', 'PENDING', 'RUNNING', 'CANCELLING', 'PAUSED']

/** The narrowest source that holds every run which may match. Pure. */
export function chooseSource(filter: FlowRunFilter, scope: Scope): RunSource {
  // Where one member is enough for a match, no member narrows anything.
  const narrow = filter.operator === 'or_' ? {} : filter
  if (narrow.id?.any_) return { kind: 'ids', runIds: narrow.id.any_ }
  const { after_: from, before_: to } = narrow.expected_start_time ?? {}
  const deploymentIds = deploymentsOf(narrow, scope)
  if (deploymentIds && deploymentIds.length <= DEPLOYMENTS_MAX) return { kind: 'deployments', deploymentIds, from, to }
  const byTime: RunSource = { kind: 'time', from, to }
  const types = typesOf(narrow)
  if (types?.every((type) => SHORT_LIVED.includes(type))) return { kind: 'states', types, otherwise: byTime }
  return byTime
}

function deploymentsOf({ deployment_id: criterion }: FlowRunFilter, scope: Scope): readonly string[] | undefined {
  const named = criterion?.operator === 'or_' ? undefined : criterion?.any_
  const { deploymentIds } = scope
  if (!named) return deploymentIds && [...deploymentIds]
  return deploymentIds ? named.filter((id) => deploymentIds.has(id)) : named
}

/** The states that a run must be in. The names "Scheduled" and "Late" belong to one type, so they narrow as well. */
function typesOf({ state }: FlowRunFilter): readonly StateType[] | undefined {
  if (!state || state.operator === 'or_') return undefined
  if (state.type?.any_) return state.type.any_
  const names = state.name?.any_
  return names?.every((name) => name === 'Late' || name === 'Scheduled') ? ['SCHEDULED'] : undefined
}
