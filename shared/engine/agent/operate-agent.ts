import type { Agent } from '#shared/agent/agent.ts'
import { lostSession } from '#shared/agent/open-session.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { addSeconds } from '#shared/instant.ts'
import { getAgent } from '#shared/storage/agent/get-agent.ts'
import * as storage from '#shared/storage/agent/save-agent.ts'

/** An agent's own calls write it, too; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10

/** The agent of that id; raises not_found. */
export async function requireAgent(deps: Deps, id: string): Promise<Agent> {
  const agent = await getAgent(deps.table, id)
  if (!agent) throw notFound('Agent', id)
  return agent
}

/** Has an agent be given nothing more, for a time or until it is resumed. Raises not_found and unavailable. */
export async function pauseAgent(
  deps: Deps,
  id: string,
  { forSeconds, note }: { forSeconds: number | null; note: string | null },
): Promise<Agent> {
  const since = deps.clock.now()
  const until = forSeconds === null ? null : addSeconds(since, forSeconds)
  return await change(deps, id, (agent) => ({ ...agent, paused: { since, until, note } }))
}

/** Ends an agent's pause, and its drain where it has not ended yet. Raises not_found and unavailable. */
export async function resumeAgent(deps: Deps, id: string): Promise<Agent> {
  return await change(deps, id, (agent) => ({ ...agent, paused: null, draining: false }))
}

/** Has an agent finish what it holds, and exit. Raises not_found and unavailable. */
export async function drainAgent(deps: Deps, id: string): Promise<Agent> {
  return await change(deps, id, (agent) => ({ ...agent, draining: true }))
}

/** Forgets an agent. What it holds is ended when its lease is over. Raises not_found and unavailable. */
export async function deleteAgent(deps: Deps, id: string): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const agent = await requireAgent(deps, id)
    const lost = agent.holds.length > 0 ? lostSession(agent) : undefined
    if (await storage.deleteAgent(deps.table, agent, lost)) return
  }
  throw modified(id)
}

async function change(deps: Deps, id: string, edit: (agent: Agent) => Agent): Promise<Agent> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const next = edit(await requireAgent(deps, id))
    if (await storage.saveAgent(deps.table, next)) return { ...next, revision: next.revision + 1 }
  }
  throw modified(id)
}

const modified = (id: string) => new DomainError('unavailable', `Agent '${id}' is being modified concurrently; retry.`)
