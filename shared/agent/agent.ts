import { AGENT_BEAT_SECONDS, WORKER_MISSED_BEATS_MAX } from '#shared/bounds.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'

/** Slots, CPU units (1,024 to a vCPU) and MiB; null where the agent keeps no account of them. */
export interface Room {
  slots: number
  cpu: number | null
  memory: number | null
}

/** A run that a session holds. */
export interface Hold {
  runId: string
  life: string
  generation: number
  flowId: string
}

/** An operator's pause of an agent. */
export interface AgentPause {
  since: Instant
  until: Instant | null
  note: string | null
}

/**
 * A pushpool agent, with its session. A session is one process's: another that starts with the agent's id opens one of
 * its own, and the older is fenced. All runs of a session have one lease, which is here, and none of their own.
 */
export interface Agent {
  id: string
  name: string
  poolId: string
  poolName: string
  host: string | null
  version: string | null
  /** The names of the queues that it serves, and prefixes of others; none of either for all of its pool. */
  queues: string[]
  match: string[]
  capacity: Room
  /** Null while none is open: it left, or its lease ran out. */
  session: string | null
  /** The last ones before it, which open no more. */
  pastSessions: string[]
  /** The last call that claimed runs. */
  requestId: string | null
  holds: Hold[]
  /** Until when the holds count. Means nothing while there are none. */
  leaseUntil: Instant
  /** Where it stands among the sessions that hold runs; it moves only when it would fall due. Null for one that holds none. */
  row: Instant | null
  paused: AgentPause | null
  draining: boolean
  /** When it last called, as far as that was written down: every AGENT_BEAT_SECONDS at least. */
  seen: Instant
  created: Instant
  /** When the session was opened, or ended. */
  sessionSince: Instant
  /** Rises with every write; each is conditioned on it. 0 for one that is not stored yet. */
  revision: number
}

/** A session that is over and whose runs are still to be ended, once its lease has run out. */
export interface LostSession {
  agentId: string
  agentName: string
  session: string
  holds: Hold[]
  leaseUntil: Instant
  revision: number
}

export type AgentStatus = 'ONLINE' | 'PAUSED' | 'DRAINING' | 'OFFLINE' | 'LOST'

/** The pause that is in force; undefined when there is none, or its time is over. */
export function pauseAt({ paused }: Pick<Agent, 'paused'>, now: Instant): AgentPause | undefined {
  return paused && (paused.until === null || paused.until > now) ? paused : undefined
}

/** How an agent is. */
export function agentStatus(agent: Agent, now: Instant): AgentStatus {
  if (agent.holds.length > 0 && agent.leaseUntil <= now) return 'LOST'
  const silentSeconds = secondsBetween(agent.seen, now)
  if (agent.session === null || silentSeconds > AGENT_BEAT_SECONDS * WORKER_MISSED_BEATS_MAX) return 'OFFLINE'
  if (agent.draining) return 'DRAINING'
  return pauseAt(agent, now) ? 'PAUSED' : 'ONLINE'
}

/** Whether an agent serves a queue of its pool. */
export function servesQueue({ queues, match }: Pick<Agent, 'queues' | 'match'>, name: string): boolean {
  if (queues.length + match.length === 0) return true
  return queues.includes(name) || match.some((prefix) => name.startsWith(prefix))
}

/** Whether it must be written down that the agent has called. */
export function isBeatDue({ seen }: Agent, now: Instant): boolean {
  return secondsBetween(seen, now) >= AGENT_BEAT_SECONDS
}

/** Past sessions that are remembered: a call of one that was under way for long opens none. */
const PAST_SESSIONS_MAX = 5

/** The agent without its session, whose holds it keeps. */
export function withoutSession(agent: Agent, now: Instant): Agent {
  if (agent.session === null) return agent
  const pastSessions = [agent.session, ...agent.pastSessions].slice(0, PAST_SESSIONS_MAX)
  return { ...agent, session: null, pastSessions, requestId: null, sessionSince: now }
}

/** Whether the lease must be written: a third of it is used, or the row in the index is about to fall due. */
export function isLeaseDue({ holds, leaseUntil, row }: Agent, leaseSeconds: number, now: Instant): boolean {
  if (holds.length === 0) return false
  return row === null || secondsBetween(now, leaseUntil) <= (leaseSeconds * 2) / 3
}

/**
 * The agent with a lease that begins now. Its row stays where it is until it would fall due before the lease is written
 * again, since moving it costs two writes of the index.
 */
export function withLease(agent: Agent, leaseSeconds: number, now: Instant): Agent {
  if (agent.holds.length === 0) return { ...agent, seen: now, row: null }
  const leaseUntil = addSeconds(now, leaseSeconds)
  const stays = agent.row !== null && agent.row > addSeconds(now, leaseSeconds / 2) && agent.row <= leaseUntil
  return { ...agent, seen: now, leaseUntil, row: stays ? agent.row : leaseUntil }
}
