import type { Instant } from '#shared/instant.ts'
import type { FlowRunFilter } from './flow-run-filter.ts'
import type { FlowRunSort } from './flow-run-sort.ts'
import type { Scope } from './scope.ts'
import { defaultStateName, isTerminal, type StateType } from './state.ts'

/**
 * Where to look for runs: those named by id, those of some deployments, those in some states, or all by time. Each is
 * wider than the filter, which is then applied to every run that is found.
 */
export type RunSource =
  | { kind: 'ids'; runIds: readonly string[] }
  | { kind: 'deployments'; deploymentIds: readonly string[]; from?: Instant | undefined; to?: Instant | undefined }
  /** These states have few runs at a time, unless there is a backlog; `otherwise` is where to look then. */
  | { kind: 'states'; types: readonly StateType[]; otherwise: RunSource }
  /** Runs that ended so, by when they ended; `otherwise` is where to look for another order when they are many. */
  | { kind: 'ends'; types: readonly StateType[]; otherwise: RunSource }
  | { kind: 'time'; from?: Instant | undefined; to?: Instant | undefined }

/** Each deployment is a range of its own to read; for more than these, all runs by time are read instead. */
const DEPLOYMENTS_MAX = 50

/** The narrowest source that holds every run which may match. Pure. */
export function chooseSource(filter: FlowRunFilter, scope: Scope): RunSource {
  // Where one member is enough for a match, no member narrows anything.
  const narrow = filter.operator === 'or_' ? {} : filter
  if (asksForCancellingAsEnded(narrow)) return { kind: 'ids', runIds: [] }
  if (narrow.id?.any_) return { kind: 'ids', runIds: narrow.id.any_ }
  if (scope.runIds) return { kind: 'ids', runIds: [...scope.runIds] }
  const { after_: from, before_: to } = narrow.expected_start_time ?? {}
  const deploymentIds = deploymentsOf(narrow, scope)
  if (deploymentIds && deploymentIds.length <= DEPLOYMENTS_MAX) return { kind: 'deployments', deploymentIds, from, to }
  const byTime: RunSource = { kind: 'time', from, to }
  const types = typesOf(narrow)
  if (types?.every(isTerminal)) return { kind: 'ends', types, otherwise: byTime }
  return types?.some(isTerminal) === false ? { kind: 'states', types, otherwise: byTime } : byTime
}

/**
 * The default order of a list: by expected start, or of runs that ended by their end, the latest first. Prefect's own
 * default is by id, which there follows creation; here ids that come from an idempotency key don't, and no index holds
 * runs in that order.
 */
export function defaultSort(source: RunSource): FlowRunSort {
  return source.kind === 'ends' ? 'END_TIME_DESC' : 'EXPECTED_START_TIME_DESC'
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

/**
 * Prefect 2's agents and workers look twice a minute for runs that are CANCELLED by the name of "Cancelling", as clients
 * before 2.8 wrote it. Here such a proposal is taken as CANCELLING (see StateIn), so there are none.
 */
function asksForCancellingAsEnded({ state }: FlowRunFilter): boolean {
  if (!state || state.operator === 'or_') return false
  const types = state.type?.any_ ?? []
  const names = state.name?.any_ ?? []
  const named = names.length > 0 && names.every((name) => name === defaultStateName('CANCELLING'))
  return named && types.length > 0 && types.every((type) => type === 'CANCELLED')
}
