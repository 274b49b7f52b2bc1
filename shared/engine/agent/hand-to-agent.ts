import type { Agent, Hold } from '#shared/agent/agent.ts'
import { withLease } from '#shared/agent/agent.ts'
import { RoomLeft } from '#shared/agent/fit.ts'
import { AGENT_HOLD_CHECK_SECONDS, CLAIM_BATCH_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import type { HintedLimit } from '#shared/engine/dispatch/blocked-rows.ts'
import { claimBatch } from '#shared/engine/dispatch/claim-batch.ts'
import { moveToLine } from '#shared/engine/dispatch/move-to-line.ts'
import { parkBlocked } from '#shared/engine/dispatch/park-run.ts'
import { passOver } from '#shared/engine/dispatch/pass-over.ts'
import { planPoolWork } from '#shared/engine/dispatch/plan-pool-work.ts'
import { newState } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { agentAction } from '#shared/storage/agent/save-agent.ts'
import type { ClaimRequest, ClaimResult } from '#shared/storage/flow-run/claim-runs.ts'
import { deleteRoomHint, listRoomHints, type RoomHint } from '#shared/storage/limit/room-hints.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { CandidateNeeds } from './candidate-needs.ts'
import { takeFitting } from './candidate-needs.ts'
import type { ClaimCall } from './claim-call.ts'

/** What a call of an agent may claim, and what it has claimed so far. */
export interface Handing {
  call: ClaimCall
  pool: WorkPool
  /** As stored; each claim writes it anew. */
  agent: Agent
  left: RoomLeft
  needs: CandidateNeeds
  /** Whether the agent was written by another call in between: what is claimed is on record, and found there. */
  outdated: boolean
  /** Whether the pool's lines were all seen, and nothing is in them. */
  empty: boolean
}

/** Looks that one call makes at most, each past runs that turned out to be blocked, or not to fit. */
const LOOKS_MAX = 20
/** Runs that looks after the first read beyond those that are wanted. */
const SPARE = 100
const HINTS_MAX = 30
/** Runs planned in one look: more where others turned out not to fit, as a long row of one flow may stand in front. */
const PLANNED_MAX = 400
const UNFIT_FACTOR = 4
/** Runs that one call claims: its answer has to hold them. */
const CLAIMED_MAX = 2 * CLAIM_BATCH_MAX

/**
 * Claims runs of a pool for an agent, from these queues in order or from all by their priority, until its room is used,
 * or nothing more can start. Each batch is one transaction, in which the agent's session records it. Changes `handing`.
 */
export async function handToAgent(
  deps: Deps,
  handing: Handing,
  queues: readonly { id: string }[] | undefined,
): Promise<void> {
  const { call, pool } = handing
  const lost = new Set<string>()
  const passed = new Set<string>()
  let hints: readonly RoomHint[] = []
  let hinted: readonly HintedLimit[] | undefined
  const readHinted = async () =>
    hinted ?? (hints = await listRoomHints(deps.table, pool.id, deps.ids.random(), HINTS_MAX))
  const before = handing.agent
  const share = shareOf(Math.min(handing.left.slots, CLAIMED_MAX), call, queues)
  let unfit = 0
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const wanted = Math.min(handing.left.slots, CLAIMED_MAX - (handing.agent.holds.length - before.holds.length))
    if (wanted <= 0 || handing.outdated) return
    const now = deps.clock.now()
    const plan = await planPoolWork(deps, {
      poolId: pool.id,
      queues: call.order === 'fair' ? turned(queues, look + before.revision) : queues,
      dueBefore: addSeconds(now, call.prefetchSeconds),
      handOutMax: Math.min(PLANNED_MAX, Math.min(wanted, share) + UNFIT_FACTOR * unfit),
      spare: look === 0 ? undefined : SPARE,
      lost,
      passed,
      fresh: true,
      readHinted,
    })
    handing.empty = plan.empty
    const moved = await moveToLine(deps, plan.moved)
    const gone = hints.filter(({ limit }) => plan.spent.includes(limit))
    await Promise.all(gone.map((hint) => deleteRoomHint(deps.table, pool.id, hint)))
    const { claimed, passed: passedBy } = await claimPlanned(deps, handing, plan, lost)
    unfit += passedBy
    // After the claim: before it, the slots that it takes would still look free, and wake them right away.
    await parkBlocked(deps, plan.parked)
    hinted = plan.hinted
    const parked = plan.parked.map(({ runId }) => runId)
    const planned = plan.batches.reduce((sum, { runs }) => sum + runs.length, 0)
    if (claimed + planned + parked.length + moved.length + hinted.length + plan.unreached.length === 0) return
    passOver(lost, [...parked, ...moved])
    for (const queueId of plan.passed) passed.add(queueId)
  }
}

/** The queues with another one first each time. */
function turned<T>(queues: readonly T[] | undefined, by: number): readonly T[] | undefined {
  if (!queues || queues.length === 0) return queues
  const first = by % queues.length
  return [...queues.slice(first), ...queues.slice(0, first)]
}

type Plan = Awaited<ReturnType<typeof planPoolWork>>

/** How many runs a look is to find: where queues take turns, the part of each. */
function shareOf(free: number, { order }: ClaimCall, queues: readonly unknown[] | undefined): number {
  return order === 'fair' && queues ? Math.max(1, Math.ceil(free / queues.length)) : free
}

/** Claims what fits the agent; says how many, and how many do not fit. Those, and what is another's by now, are passed over. */
async function claimPlanned(deps: Deps, handing: Handing, plan: Plan, lost: Set<string>) {
  let claimed = 0
  let passed = 0
  let last: string | undefined
  const isStrict = handing.call.order === 'strict'
  for (const { queueId, runs } of isStrict ? plan.batches.slice(0, plan.firm) : plan.batches) {
    // Behind those that do not fit its queue may have others, which were not read, and go first.
    if (isStrict && passed > 0 && queueId !== last) break
    last = queueId
    const needs = await handing.needs.of(runs)
    const room = handing.left.copy()
    const { fitting, others } = takeFitting(runs, needs, room)
    passOver(
      lost,
      others.map(({ runId }) => runId),
    )
    passed += others.length
    if (fitting.length === 0) continue
    const at = deps.clock.now()
    const holds = fitting.map(({ runId, life, generation }): Hold => {
      return { runId, life, generation: generation + 1, flowId: needs.get(runId)?.flowId ?? '' }
    })
    const outcome = await claimForSession(deps, handing, holds, at, {
      poolId: handing.pool.id,
      poolEpoch: { key: poolLimit(handing.pool.id), epoch: plan.poolEpoch },
      runs: fitting.map((run) => ({
        ...run,
        state: newState('PENDING', at, { details: { scheduledTime: run.due } }),
      })),
    })
    if (outcome.kind === 'claimed') {
      claimed += fitting.length
      handing.left = room
      // The index may show them for a moment still.
      passOver(
        lost,
        fitting.map(({ runId }) => runId),
      )
      continue
    }
    if (outcome.kind === 'refused') passOver(lost, outcome.lost)
    // The plan's figures are stale now; a fresh look is better than trying the rest of it.
    break
  }
  return { claimed, passed }
}

/** Claims runs and records them in the agent's session, all or nothing. */
export async function claimForSession(
  deps: Deps,
  handing: Handing,
  holds: readonly Hold[],
  at: Instant,
  request: Pick<ClaimRequest, 'poolId' | 'poolEpoch' | 'absent' | 'runs'>,
): Promise<ClaimResult> {
  const { call, agent } = handing
  const recorded = { ...agent, holds: [...agent.holds, ...holds], requestId: call.requestId }
  const next = withLease(recorded, call.leaseSeconds, at)
  const outcome = await claimBatch(deps, {
    ...request,
    origin: call.origin,
    beside: agentAction(deps.table, next),
    claim: {
      id: deps.ids.token(),
      by: { kind: 'agent', name: agent.name },
      at,
      leaseUntil: addSeconds(at, AGENT_HOLD_CHECK_SECONDS),
      session: { agentId: agent.id, session: call.session },
    },
  })
  deps.metrics.count(`Claims_${outcome.kind}`, holds.length)
  if (outcome.kind === 'claimed') handing.agent = { ...next, revision: next.revision + 1 }
  if (outcome.kind === 'refused' && outcome.outdated) handing.outdated = true
  return outcome
}
