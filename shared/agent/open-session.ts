import { DomainError } from '#shared/errors.ts'
import type { Instant } from '#shared/instant.ts'
import { type Agent, type LostSession, type Room, withoutSession } from './agent.ts'

/** What an agent says of itself with each call. */
export interface AgentGiven {
  id: string
  name: string
  host: string | null
  version: string | null
  poolId: string
  poolName: string
  queues: string[]
  match: string[]
  capacity: Room
  session: string
  /** That of the last answer that it took; 0 opens the session. */
  sequence: number
}

/** The agent as a call finds it; `opens`: its session begins with this call, and must be written first. */
export interface FoundSession {
  agent: Agent
  opens: boolean
  /** The session before it, where that still holds runs. */
  lost?: LostSession
}

/**
 * Finds the session of a call, or opens it. A call of a session that is over opens none, however late it comes. Raises
 * session_lost, session_taken, and conflict for a session in another pool. Pure.
 */
export function findSession(before: Agent | undefined, given: AgentGiven, now: Instant): FoundSession {
  if (before?.session === given.session) {
    if (before.poolId === given.poolId) return { agent: before, opens: false }
    throw new DomainError('conflict', `The session of agent '${given.name}' is in work pool '${before.poolName}'.`)
  }
  const isPast = before?.pastSessions.includes(given.session) ?? false
  if (isPast || given.sequence > 0) throw overFor(before, given.name)
  if (!before) return { agent: newAgent(given, now), opens: true }
  const agent = { ...withoutSession(before, now), ...settingsOf(given), holds: [], row: null, draining: false }
  const opened = { ...agent, session: given.session, requestId: null, sessionSince: now, seen: now }
  if (before.holds.length === 0) return { agent: opened, opens: true }
  return { agent: opened, opens: true, lost: lostSession(before) }
}

/** The session of an agent, or its last one, as one that is over. */
export function lostSession(agent: Agent): LostSession {
  const { id, name, holds, leaseUntil, session, pastSessions } = agent
  return { agentId: id, agentName: name, session: session ?? pastSessions[0] ?? '', holds, leaseUntil, revision: 0 }
}

function overFor(before: Agent | undefined, name: string): DomainError {
  return before?.session
    ? new DomainError('session_taken', `Another process is agent '${name}' now.`)
    : sessionLost(name)
}

/** Says that a session is over, and that nobody else is the agent. */
export function sessionLost(name: string): DomainError {
  return new DomainError('session_lost', `The session of agent '${name}' is over.`)
}

const settingsOf = ({ name, host, version, poolId, poolName, queues, match, capacity }: AgentGiven) => ({
  name,
  host,
  version,
  poolId,
  poolName,
  queues,
  match,
  capacity,
})

function newAgent(given: AgentGiven, now: Instant): Agent {
  return {
    id: given.id,
    ...settingsOf(given),
    session: given.session,
    pastSessions: [],
    requestId: null,
    holds: [],
    leaseUntil: 0,
    row: null,
    paused: null,
    draining: false,
    seen: now,
    created: now,
    sessionSince: now,
    revision: 0,
  }
}
