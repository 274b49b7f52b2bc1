import { EVIDENCE_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { assertFlowRunClaim } from '#shared/engine/fence/assert-flow-run-claim.ts'
import { deadlockReason, fullLimits, newLease } from '#shared/engine/limit/acquire-slots.ts'
import { leaseMove } from '#shared/engine/limit/release-lease.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import type { NamedClaim } from '#shared/flow-run/named-claim.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import type { ProposedState, Verdict } from '#shared/flow-run/verdict.ts'
import { globalLimitId, retryAfterSeconds, tagLimitName, tagOf } from '#shared/limit/global-limit.ts'
import { LIMITS_AT_ONCE_MAX, leaseOfTaskRun } from '#shared/limit/lease.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { getGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { getLease } from '#shared/storage/limit/get-leases.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { saveTaskRun, type TaskRunSlots } from '#shared/storage/task-run/save-task-run.ts'
import { advanceTaskRun } from '#shared/task-run/advance-task-run.ts'
import { proposeTaskRunState } from '#shared/task-run/propose-task-run-state.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'

/** The outcome of a task run's proposed state. */
export interface SetTaskRunStateResult {
  verdict: Verdict
  /** The task run as it is now. */
  task: TaskRun
  /** Whether a new state was stored. */
  wrote: boolean
}

const ROUNDS_MAX = 20

/**
 * Proposes a state of a task run: decides on a consistent read, then makes one conditional write, in which it takes or
 * gives back the slots of limits on its tags. A process whose claim on the flow run is over is refused. Raises not_found,
 * stale_generation, and unavailable when others kept getting in between.
 */
export async function setTaskRunState(
  deps: Deps,
  taskRunId: string,
  proposed: ProposedState,
  { force = false, claim }: { force?: boolean; claim?: NamedClaim | undefined } = {},
): Promise<SetTaskRunStateResult> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const task = await getTaskRun(deps.table, taskRunId)
    if (!task) throw notFound('Task run', taskRunId)
    await assertFlowRunClaim(deps, task, claim)
    const now = deps.clock.now()
    const state = newState(proposed.type, now, proposed)
    const flowRun =
      !force && state.type === 'RUNNING' && task.flowRunId
        ? await requireRun(deps, task.flowRunId, task.flowRunLife)
        : null
    const verdict = proposeTaskRunState(task, state, { now, flowRun, chance: deps.ids.random() }, force)
    if (verdict.status === 'WAIT' || verdict.status === 'ABORT') return { verdict, task, wrote: false }
    if (verdict.status === 'REJECT' && !verdict.written) return { verdict, task, wrote: false }
    const result = await store(deps, task, verdict, flowRun?.runCount)
    if (result) return result
  }
  throw new DomainError('unavailable', `Task run '${taskRunId}' is being modified concurrently; retry.`)
}

async function requireRun(deps: Deps, runId: string, life: string | null) {
  const run = await getRun(deps.table, runId)
  if (run?.life !== life) throw notFound('Flow run', runId)
  return run
}

type Stored = Extract<Verdict, { state: State }>

/** Undefined when something moved since, so that all must be decided again. */
async function store(
  deps: Deps,
  task: TaskRun,
  verdict: Stored,
  runCount: number | undefined,
): Promise<SetTaskRunStateResult | undefined> {
  const next = advanceTaskRun(task, verdict.state, runCount)
  const slots = await slotsFor(deps, task, next)
  if ('status' in slots) return { verdict: slots, task, wrote: false }
  const after = { ...next, leased: slots.leased }
  if (!(await saveTaskRun(deps.table, task, after, slots))) return undefined
  const stored = { ...after, revision: task.revision + 1 }
  return { verdict: { ...verdict, state: stored.state }, task: stored, wrote: true }
}

/**
 * The slots that a task run takes as it starts to run, or gives back as it stops, and whether it holds some then; or why
 * it can't start (Prefect's SecureTaskConcurrencySlots, with its words).
 */
async function slotsFor(
  deps: Deps,
  before: TaskRun,
  { state, leased }: TaskRun,
): Promise<(TaskRunSlots & { leased: boolean }) | Verdict> {
  const leaseId = leaseOfTaskRun(before.id)
  if (before.leased && !leased) {
    const lease = await getLease(deps.table, leaseId)
    return { leased, give: lease && (await leaseMove(deps, lease)) }
  }
  if (state.type !== 'RUNNING' || before.tags.length === 0) return { leased }
  const named = await getGlobalLimits(
    deps.table,
    before.tags.map((tag) => globalLimitId(tagLimitName(tag))),
  )
  const limits = named.filter((limit) => limit.inForce)
  if (limits.length === 0) return { leased }
  // It has slots already when it runs on, or requested them by name; but they may have been taken back since.
  if (await getLease(deps.table, leaseId)) return { leased: true }
  if (limits.length > LIMITS_AT_ONCE_MAX) {
    return { status: 'ABORT', reason: `More than ${LIMITS_AT_ONCE_MAX} of the task's tags have a concurrency limit.` }
  }
  const zero = limits.find(({ limit }) => limit === 0)
  if (zero) return { status: 'ABORT', reason: deadlockReason(zero) }
  const now = deps.clock.now()
  const full = fullLimits(limits, 1, now)
  if (full.length > 0) {
    const delaySeconds = Math.max(1, Math.round(retryAfterSeconds(full, 1, now, deps.ids.random())))
    const reason = `Concurrency limit for the ${full.map(tagOf).join(', ')} tag has been reached`
    return { status: 'WAIT', delaySeconds, reason }
  }
  const holder = { type: 'task_run', id: before.id } as const
  const lease = newLease(leaseId, limits, { slots: 1, now, seconds: EVIDENCE_SECONDS, holder })
  return { leased: true, take: { limits, slots: 1, lease, now } }
}
