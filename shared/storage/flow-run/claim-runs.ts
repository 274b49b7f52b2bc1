import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Claim } from '#shared/flow-run/flow-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import type { State } from '#shared/flow-run/state.ts'
import { type Origin, SERVICE } from '#shared/flow-run/writer.ts'
import { type Instant, sortable } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'
import { firstSlotsAction } from '#shared/storage/limit/deployment-limit-actions.ts'
import { takeAction } from '#shared/storage/limit/limit-actions.ts'
import { encodeClaim } from './run-codec.ts'
import { encodePast, encodeState } from './state-codec.ts'

interface ClaimTarget {
  runId: string
  life: string
  /** The generation under which the run was seen waiting; the claim makes it one more. */
  generation: number
  /** When the run was seen to be due: one that was put off since is not started at its old time. */
  due: Instant
  /** For a claim that answers the run as it is then: nothing else of it may have changed since it was seen, either. */
  revision?: number
  slots: LimitKey[]
  /** The state that the run enters, PENDING as a rule. */
  state: State
}

export interface ClaimRequest {
  poolId: string | null
  /** The epoch of the pool's limit when the deployments' limits were looked up; see Limit.epoch. */
  poolEpoch: { key: LimitKey; epoch: number } | null
  /** The one of the slots' limits that was not there when they were determined: the claim creates it, or is refused. */
  absent?: LimitKey | null
  runs: readonly ClaimTarget[]
  claim: Omit<Claim, 'slots'>
  /** Who claims; the service itself when left out. */
  origin?: Origin | undefined
  /** Written in the same transaction: an agent's session, which records what it is given. */
  beside?: TransactWriteItem | undefined
}

/**
 * `lost`: runs that wait no longer. `refused`: limits that are full, paused, being deleted, of a newer epoch, or there
 * although they should be absent. `outdated`: what should be written beside was written by another.
 */
export type ClaimResult =
  | { kind: 'claimed' }
  | { kind: 'refused'; lost: string[]; refused: LimitKey[]; outdated?: true }
  /** Other writers were in the way each time; nothing was claimed. */
  | { kind: 'contended' }

/**
 * Claims all of the runs or none: each goes from SCHEDULED to PENDING under its next generation, and each limit gives
 * up as many slots as these runs take of it, in one transaction. Throws when the outcome is unknown.
 */
export async function claimRuns(table: Table, request: ClaimRequest): Promise<ClaimResult> {
  const { runs, poolEpoch, absent = null, claim, beside } = request
  const epochOf = (key: LimitKey) => (key === poolEpoch?.key ? poolEpoch.epoch : undefined)
  const counts = new Map<LimitKey, number>()
  for (const slot of runs.flatMap((run) => run.slots)) counts.set(slot, (counts.get(slot) ?? 0) + 1)
  const limits = [...counts]
  try {
    await transact(table, [
      ...runs.map((run) => claimAction(table, request, run)),
      ...limits.map(([key, n]) =>
        key === absent ? firstSlotsAction(table, key, n, claim.at) : takeAction(table, key, n, epochOf(key)),
      ),
      ...(beside ? [beside] : []),
    ])
    return { kind: 'claimed' }
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    const lost = runs.filter((_, at) => error.failedAt(at)).map((run) => run.runId)
    const refused = limits.map(([key]) => key).filter((_, at) => error.failedAt(runs.length + at))
    const outdated = error.failedAt(runs.length + limits.length)
    if (lost.length + refused.length === 0 && !outdated) return { kind: 'contended' }
    return { kind: 'refused', lost, refused, ...(outdated ? { outdated } : {}) }
  }
}

function claimAction(table: Table, request: ClaimRequest, run: ClaimTarget) {
  const { claim, poolId, origin = SERVICE } = request
  const { state, revision } = run
  const by = { ...origin, generation: run.generation + 1 }
  const stillScheduled = '#state.#t = :scheduled'
  const sameLife = '#life = :life'
  const sameGeneration = '#generation = :generation'
  const stillDue = '#due = :due'
  const unchanged = revision === undefined ? [] : ['#revision = :revision']
  return updateAction(table, runKey(run.runId), {
    update: `SET #state = :state, #seq = #seq + :one, #history = list_append(#history, :past),
      #generation = :next, #claim = :claim, #phase = :phase, #phaseSort = :phaseSort,
      #updated = :now, #revision = #revision + :one REMOVE #due, #blockedBy`,
    condition: [stillScheduled, sameLife, sameGeneration, stillDue, ...unchanged].join(' AND '),
    values: {
      state: encodeState(state),
      past: [encodePast({ ...state, by })],
      one: 1,
      scheduled: 'SCHEDULED',
      life: run.life,
      generation: run.generation,
      due: run.due,
      revision,
      next: run.generation + 1,
      claim: encodeClaim({ ...claim, slots: run.slots }),
      phase: activePhase(poolId),
      phaseSort: sortable(claim.leaseUntil),
      now: state.timestamp,
    },
  })
}
