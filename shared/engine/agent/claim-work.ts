import { type Agent, isBeatDue, isLeaseDue, pauseAt, withLease, withoutSession } from '#shared/agent/agent.ts'
import { RoomLeft } from '#shared/agent/fit.ts'
import { findSession, sessionLost } from '#shared/agent/open-session.ts'
import { type SettledHolds, settleHolds } from '#shared/agent/settle-holds.ts'
import type { Changes, Deps } from '#shared/deps.ts'
import { ensureAgentPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { requirePool } from '#shared/engine/work-pool/require-queue.ts'
import { DomainError } from '#shared/errors.ts'
import type { SessionRef } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, secondsBetween } from '#shared/instant.ts'
import { getAgent } from '#shared/storage/agent/get-agent.ts'
import { getCallItems } from '#shared/storage/agent/get-call-items.ts'
import { getLostSessions } from '#shared/storage/agent/get-lost-sessions.ts'
import { saveAgent } from '#shared/storage/agent/save-agent.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { AGENT_POOL_NAME, isPushPool, poolIdOf, type WorkPool } from '#shared/work-pool/work-pool.ts'
import { CandidateNeeds } from './candidate-needs.ts'
import type { ClaimAnswer, ClaimCall } from './claim-call.ts'
import { claimedRuns } from './claimed-runs.ts'
import { endHold } from './end-hold.ts'
import { handFromQueues } from './hand-from-queues.ts'
import type { Handing } from './hand-to-agent.ts'
import { nextDue } from './next-due.ts'
import { type ServedQueue, servedQueues } from './served-queues.ts'
import { sharesOf } from './shares.ts'

/** Calls of one agent seldom meet; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10
/** While it holds runs, a call may not keep an agent from the next one for longer than this part of its lease. */
const LEASE_PART_WAITED = 6

/**
 * Serves a call of an agent: renews its session's lease, settles what it holds, and claims runs for it; where the service
 * can wait, it waits for work as long as the call allows. Raises session_lost and session_taken for a session that is
 * over, not_found for the pool, invalid for one that only the dispatcher serves, being_deleted, and unavailable when
 * others keep getting in between.
 */
export async function claimWork(deps: Deps, poolName: string, call: ClaimCall): Promise<ClaimAnswer> {
  const { changes } = deps
  const waits = call.waitSeconds > 0 && !call.draining && !call.leaving
  return changes && waits ? await claimOrWait(deps, changes, poolName, call) : await claimOnce(deps, poolName, call)
}

async function claimOrWait(deps: Deps, changes: Changes, poolName: string, call: ClaimCall): Promise<ClaimAnswer> {
  const longest = call.holding.length > 0 ? call.leaseSeconds / LEASE_PART_WAITED : call.waitSeconds
  const end = addSeconds(deps.clock.now(), Math.min(call.waitSeconds, longest))
  const shares = sharesOf(changes, poolName)
  for (;;) {
    // What is written while a look is under way may come too late for it.
    const seen = changes.count
    const answer = await claimOnce(deps, poolName, call)
    shares.note(call.agent.id, answer.runs.length)
    const left = secondsBetween(deps.clock.now(), end)
    if (!isEmpty(answer) || left <= 0) return { ...answer, waited: true }
    const rank = shares.rankOf(call.agent.id, answer.load)
    await changes.next(seen, { seconds: Math.min(left, answer.nextDueSeconds ?? left), rank })
    // What is handed to an agent that is gone would wait until its lease is over.
    if (changes.closed || call.callerGone?.aborted) return { ...answer, waited: true }
  }
}

/** Whether an answer tells the agent nothing that it should know soon. */
function isEmpty({ runs, stop, agent, queues }: ClaimAnswer): boolean {
  return runs.length + stop.length === 0 && !agent.draining && queues.every(({ created }) => !created)
}

async function claimOnce(deps: Deps, poolName: string, call: ClaimCall): Promise<ClaimAnswer> {
  const poolId = poolIdOf(poolName)
  const items = await getCallItems(deps.table, { poolId, queueNames: call.queues ?? [], agentId: call.agent.id })
  const pool = items.pool ?? (await requireOwnPool(deps, poolName))
  if (isPushPool(pool.type)) {
    throw new DomainError('invalid', `Work pool '${poolName}' is a push pool: only the dispatcher starts its runs.`)
  }
  const queues = await servedQueues(deps, poolName, call, items)
  let known = isIdleSession(items.agent, pool, call) ? items.agent : undefined
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const answer = await tryClaim(deps, { pool, queues, call, known })
    known = undefined
    if (answer) return answer
  }
  throw new DomainError('unavailable', `Agent '${call.agent.name}' is being modified concurrently; retry.`)
}

/** The pool of queues that name none is created when it is first needed. */
async function requireOwnPool(deps: Deps, poolName: string): Promise<WorkPool> {
  return poolName === AGENT_POOL_NAME ? await ensureAgentPool(deps) : await requirePool(deps, poolName)
}

interface Round {
  pool: WorkPool
  queues: ServedQueue[]
  call: ClaimCall
  /** The agent as it was a moment ago, where that will do. */
  known: Agent | undefined
}

/**
 * Whether it will do that the agent was like this a moment ago: in the session of the call, since its last answer, and
 * without runs. Whatever is given to it is written only if it still is so.
 */
function isIdleSession(
  agent: Agent | undefined,
  pool: WorkPool,
  { session, sequence, holding, leaving }: ClaimCall,
): boolean {
  if (agent?.session !== session || agent.poolId !== pool.id) return false
  if (agent.revision < sequence || leaving) return false
  return agent.holds.length + holding.length === 0
}

/** Undefined when another write of the agent came in between, so that all must be decided again. */
async function tryClaim(deps: Deps, round: Round): Promise<ClaimAnswer | undefined> {
  const { pool, queues, call, known } = round
  const agent = known ?? (await openedAgent(deps, pool, call))
  if (!agent) return undefined
  const runs = await getRunCores(
    deps.table,
    agent.holds.map(({ runId }) => runId),
  )
  const settled = settleHolds(agent.holds, new Map(runs.map((run) => [run.id, run])), call.holding)
  if (call.leaving) return await leave(deps, agent, settled)
  const handing = await handOut(deps, round, agent, settled)
  if (handing.outdated) return undefined
  const stored = await keep(deps, handing.agent, agent, call)
  if (!stored) return undefined
  const given = stored.holds.filter((hold) => settled.again.includes(hold) || !agent.holds.includes(hold))
  const now = deps.clock.now()
  const due =
    handing.left.slots > 0 && given.length === 0 && !handing.empty
      ? await nextDue(deps, pool.id, idsOf(queues, call), addSeconds(now, call.prefetchSeconds))
      : undefined
  const ended = new Set(runs.filter(({ state }) => isTerminal(state.type)).map(({ id }) => id))
  return {
    agent: stored,
    load: stored.holds.filter(({ runId }) => !ended.has(runId)).length,
    leaseSeconds: stored.holds.length > 0 ? Math.max(0, secondsBetween(now, stored.leaseUntil)) : call.leaseSeconds,
    runs: await claimedRuns(deps, pool, given),
    stop: settled.stop,
    queues,
    nextDueSeconds: due === undefined ? null : Math.max(0, secondsBetween(now, due) - call.prefetchSeconds),
    waited: false,
    paused: pauseAt(stored, now),
  }
}

/** Undefined, with which all of the pool's count, where a call names none. */
function idsOf(queues: readonly ServedQueue[], { queues: named, match }: ClaimCall): string[] | undefined {
  if (named === undefined && match.length === 0) return undefined
  return queues.map(({ queue }) => queue.id)
}

/** The agent with the session of the call, which is opened where it is new. */
async function openedAgent(deps: Deps, pool: WorkPool, call: ClaimCall): Promise<Agent | undefined> {
  const { session, sequence, capacity } = call
  const given = {
    ...call.agent,
    poolId: pool.id,
    poolName: pool.name,
    queues: [...(call.queues ?? [])],
    match: [...call.match],
    capacity,
    session,
    sequence,
  }
  const before = await getAgent(deps.table, call.agent.id)
  if (!before) await assertNotLost(deps, { agentId: call.agent.id, session }, call.agent.name)
  const { agent, opens, lost } = findSession(before, given, deps.clock.now())
  if (!opens) return agent
  if (!(await saveAgent(deps.table, agent, lost))) return undefined
  deps.log.info('session of an agent opened', { agentId: agent.id, poolId: pool.id, before: lost?.session })
  return { ...agent, revision: agent.revision + 1 }
}

/** An agent that was deleted before it heard its first answer would open its session anew beside what that still holds. */
async function assertNotLost(deps: Deps, ref: SessionRef, name: string): Promise<void> {
  const [lost] = await getLostSessions(deps.table, [ref])
  if (lost) throw sessionLost(name)
}

async function handOut(
  deps: Deps,
  { pool, queues, call }: Omit<Round, 'known'>,
  agent: Agent,
  { kept, again }: SettledHolds,
): Promise<Handing> {
  const left = new RoomLeft(call.free, call.flowLimits, kept)
  const needs = new CandidateNeeds(deps, pool.baseJobTemplate, call.free.cpu !== null || call.free.memory !== null)
  const missed = await needs.of(again.map(({ runId }) => ({ runId, deploymentId: null })))
  for (const need of missed.values()) left.occupy(need)
  const handing: Handing = { call, pool, agent: { ...agent, holds: kept }, left, needs, outdated: false, empty: false }
  const isRepeat = agent.requestId === call.requestId
  const isShut = isRepeat || call.draining || agent.draining || pauseAt(agent, deps.clock.now()) !== undefined
  if (!isShut && left.slots > 0) await handFromQueues(deps, handing, queues, idsOf(queues, call) === undefined)
  return handing
}

/** Writes the agent where its lease or its beat is due, or it holds nothing any more; undefined when others came first. */
async function keep(deps: Deps, agent: Agent, before: Agent, call: ClaimCall): Promise<Agent | undefined> {
  const now = deps.clock.now()
  const ended = agent.holds.length === 0 && before.holds.length > 0
  if (!ended && !isBeatDue(agent, now) && !isLeaseDue(agent, call.leaseSeconds, now)) return agent
  const next = withLease(agent, call.leaseSeconds, now)
  return (await saveAgent(deps.table, next)) ? { ...next, revision: next.revision + 1 } : undefined
}

/** Ends the session. What its agent never heard of waits again. */
async function leave(deps: Deps, agent: Agent, { kept, again }: SettledHolds): Promise<ClaimAnswer | undefined> {
  const over = await Promise.all(again.map((hold) => endHold(deps, hold, 'Its agent left before it was started.')))
  const holds = kept.filter((hold) => !again.some((each, at) => each === hold && over[at]))
  const now = deps.clock.now()
  const left = { ...withoutSession({ ...agent, holds }, now), draining: false, seen: now }
  // What it still names is ended when the lease is over.
  const next = holds.length === 0 ? { ...left, row: null } : { ...left, row: left.row ?? left.leaseUntil }
  if (!(await saveAgent(deps.table, next))) return undefined
  deps.log.info('session of an agent closed', { agentId: agent.id, holds: holds.length })
  const stored = { ...next, revision: next.revision + 1 }
  const nothing = { runs: [], stop: [], queues: [], nextDueSeconds: null, waited: false, paused: pauseAt(stored, now) }
  return { agent: stored, load: holds.length, leaseSeconds: 0, ...nothing }
}
