import type { Agent, Hold, LostSession } from '#shared/agent/agent.ts'
import { sortable } from '#shared/instant.ts'
import { agentKey, lostSessionKey, SESSIONS_PHASE } from '#shared/storage/dynamo/table.ts'

type StoredHold = { r: string; l: string; g: number; f: string }

const encodeHold = ({ runId, life, generation, flowId }: Hold): StoredHold => ({
  r: runId,
  l: life,
  g: generation,
  f: flowId,
})
const decodeHold = ({ r, l, g, f }: StoredHold): Hold => ({ runId: r, life: l, generation: g, flowId: f })

/** An agent without a call for this long is deleted, unless it holds runs: in containers each start has another name. */
const AGENT_KEPT_SECONDS = 7 * 24 * 3600

/** An agent's item. One that holds runs has a row among the sessions. */
export function encodeAgent(agent: Agent) {
  const { id, holds, row, ...rest } = agent
  const inLine = row === null ? {} : { phase: SESSIONS_PHASE, phaseSort: sortable(row) }
  const expiresAt = holds.length > 0 ? undefined : Math.floor(agent.seen / 1_000_000) + AGENT_KEPT_SECONDS
  return { ...agentKey(id), ...rest, holds: holds.map(encodeHold), row, ...inLine, expiresAt }
}

/** An agent from its item. */
export function decodeAgent(item: Record<string, unknown>): Agent {
  const { pk: _, sk, phase: _phase, phaseSort: _sort, expiresAt: _until, holds, ...rest } = item
  return { ...(rest as Omit<Agent, 'id' | 'holds'>), id: String(sk), holds: (holds as StoredHold[]).map(decodeHold) }
}

/** The item of a session that is over and whose runs are still to be ended. */
export function encodeLostSession({ agentId, session, holds, ...rest }: LostSession) {
  return {
    ...lostSessionKey(agentId, session),
    ...rest,
    holds: holds.map(encodeHold),
    phase: SESSIONS_PHASE,
    phaseSort: sortable(rest.leaseUntil),
  }
}

/** Such a session from its item. */
export function decodeLostSession(item: Record<string, unknown>): LostSession {
  const [agentId = '', session = ''] = String(item.sk).split('#')
  return {
    agentId,
    session,
    agentName: String(item.agentName),
    holds: (item.holds as StoredHold[]).map(decodeHold),
    leaseUntil: item.leaseUntil as number,
    revision: item.revision as number,
  }
}
