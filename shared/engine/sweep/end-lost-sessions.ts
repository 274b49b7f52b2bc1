import { type Agent, type Hold, withoutSession } from '#shared/agent/agent.ts'
import type { Deps } from '#shared/deps.ts'
import { endHold } from '#shared/engine/agent/end-hold.ts'
import { eachCaught } from '#shared/engine/dispatch/each-caught.ts'
import type { Instant } from '#shared/instant.ts'
import { type HoldingSession, listDueSessions } from '#shared/storage/agent/list-sessions.ts'
import { saveAgent, saveLostSession } from '#shared/storage/agent/save-agent.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'

/** Sessions that are ended side by side; their runs, one after the other, wait for each other at limits. */
const SESSIONS_AT_ONCE = 5

/**
 * Ends the holds of agents whose lease has run out: first the session, so that it can claim and renew nothing more, and
 * then its runs, one by one. Cut short anywhere, the next sweep goes on. Returns how many holds were ended.
 */
export async function endLostSessions(deps: Deps, deadline: Instant): Promise<number> {
  let ended = 0
  let after: Item | undefined
  do {
    const page = await listDueSessions(deps.table, deps.clock.now(), after)
    const options = { act: 'end session', atOnce: SESSIONS_AT_ONCE, deadline }
    await eachCaught(
      deps,
      page.sessions,
      keyOf,
      async (session) => {
        const count = session.kind === 'agent' ? await endOfAgent(deps, session.agent) : await endLost(deps, session)
        ended += count
        return count > 0
      },
      options,
    )
    after = page.after
  } while (after && deps.clock.now() < deadline)
  return ended
}

const keyOf = (session: HoldingSession) =>
  session.kind === 'agent' ? session.agent.id : `${session.lost.agentId}#${session.lost.session}`

async function endOfAgent(deps: Deps, found: Agent): Promise<number> {
  const now = deps.clock.now()
  if (found.holds.length === 0) return 0
  if (found.leaseUntil > now) {
    // It was renewed, and its row left where it was.
    await saveAgent(deps.table, { ...found, row: found.leaseUntil })
    return 0
  }
  const fenced = withoutSession(found, now)
  if (found.session !== null) {
    if (!(await saveAgent(deps.table, fenced))) return 0
    deps.log.warn('agent lost', { agentId: found.id, holds: found.holds.length })
    deps.metrics.count('AgentsLost', 1)
  }
  const revision = found.session === null ? found.revision : found.revision + 1
  const { left, ended } = await endHolds(deps, found.holds, found.name)
  // Where its agent has come back meanwhile, it has moved what is left elsewhere.
  await saveAgent(deps.table, { ...fenced, revision, holds: left, row: left.length > 0 ? found.leaseUntil : null })
  return ended
}

async function endLost(deps: Deps, { lost }: Extract<HoldingSession, { kind: 'lost' }>): Promise<number> {
  if (lost.leaseUntil > deps.clock.now()) return 0
  const { left, ended } = await endHolds(deps, lost.holds, lost.agentName)
  await saveLostSession(deps.table, { ...lost, holds: left })
  return ended
}

async function endHolds(deps: Deps, holds: readonly Hold[], agentName: string) {
  const left: Hold[] = []
  for (const hold of holds) {
    if (!(await endHold(deps, hold, lostWords(agentName)))) left.push(hold)
  }
  return { left, ended: holds.length - left.length }
}

const lostWords = (agentName: string) => `The agent '${agentName}' that held this run was lost: its lease ran out.`
