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
        const count =
          session.kind === 'agent'
            ? await endOfAgent(deps, session.agent, deadline)
            : await endLost(deps, session, deadline)
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

async function endOfAgent(deps: Deps, found: Agent, deadline: Instant): Promise<number> {
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
  const { left, ended } = await endHolds(deps, found.holds, found.name, deadline)
  // Where its agent has come back meanwhile, it has moved what is left elsewhere.
  await saveAgent(deps.table, { ...fenced, revision, holds: left, row: left.length > 0 ? found.leaseUntil : null })
  return ended
}

async function endLost(
  deps: Deps,
  { lost }: Extract<HoldingSession, { kind: 'lost' }>,
  deadline: Instant,
): Promise<number> {
  if (lost.leaseUntil > deps.clock.now()) return 0
  const { left, ended } = await endHolds(deps, lost.holds, lost.agentName, deadline)
  await saveLostSession(deps.table, { ...lost, holds: left })
  return ended
}

/** Each is caught by itself, so that one of which nothing can be written does not keep the others. */
async function endHolds(deps: Deps, holds: readonly Hold[], agentName: string, deadline: Instant) {
  const over = new Set<Hold>()
  await eachCaught(
    deps,
    holds,
    ({ runId }) => runId,
    async (hold) => {
      if (await endHold(deps, hold, lostWords(agentName))) over.add(hold)
      return true
    },
    { act: 'end hold', atOnce: 1, deadline },
  )
  return { left: holds.filter((hold) => !over.has(hold)), ended: over.size }
}

const lostWords = (agentName: string) => `The agent '${agentName}' that held this run was lost: its lease ran out.`
