import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { getAgents } from '#shared/storage/agent/get-agent.ts'
import { getLostSessions } from '#shared/storage/agent/get-lost-sessions.ts'

/** Of runs that agents hold, those that a session has on record, by their ids: the session's lease is theirs. */
export async function listedHolds(deps: Deps, runs: readonly FlowRun[]): Promise<Set<string>> {
  const refs = runs.flatMap(({ claim }) => claim?.session ?? [])
  if (refs.length === 0) return new Set()
  const [agents, lost] = await Promise.all([
    getAgents(
      deps.table,
      refs.map(({ agentId }) => agentId),
    ),
    getLostSessions(deps.table, refs),
  ])
  const keys = new Set([...agents, ...lost].flatMap(({ holds }) => holds.map(keyOf)))
  const listed = runs.filter(({ id: runId, life, generation }) => keys.has(keyOf({ runId, life, generation })))
  return new Set(listed.map(({ id }) => id))
}

const keyOf = ({ runId, life, generation }: { runId: string; life: string; generation: number }) =>
  `${runId}#${life}#${generation}`
