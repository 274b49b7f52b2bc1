import { type Agent, type AgentPause, agentStatus, pauseAt } from '#shared/agent/agent.ts'
import { formatInstant, type Instant } from '#shared/instant.ts'
import { orNull } from './flow-run-state.ts'

/** An agent as operators see it. */
export function agentView(agent: Agent, now: Instant) {
  return {
    id: agent.id,
    created: formatInstant(agent.created),
    name: agent.name,
    work_pool_id: agent.poolId,
    work_pool_name: agent.poolName,
    queues: [...agent.queues, ...agent.match.map((prefix) => `${prefix}*`)],
    host: agent.host,
    version: agent.version,
    status: agentStatus(agent, now),
    capacity: agent.capacity,
    last_seen: formatInstant(agent.seen),
    lease_until: agent.holds.length > 0 ? formatInstant(agent.leaseUntil) : null,
    holds: agent.holds.map(({ runId, generation, flowId }) => ({ flow_run_id: runId, generation, flow_id: flowId })),
    paused: pauseView(pauseAt(agent, now)),
    draining: agent.draining,
  }
}

/** A pause that is in force, or null. */
export function pauseView(pause: AgentPause | undefined) {
  return pause ? { since: formatInstant(pause.since), until: orNull(pause.until), note: pause.note } : null
}
