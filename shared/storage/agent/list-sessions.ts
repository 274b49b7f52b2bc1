import type { Agent, LostSession } from '#shared/agent/agent.ts'
import { type Instant, sortable } from '#shared/instant.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { keyOfRow, queryPage } from '#shared/storage/dynamo/query.ts'
import { agentKey, PHASE_INDEX, SESSIONS_PHASE, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeAgent, decodeLostSession } from './agent-codec.ts'

/** A session that holds runs: an agent's own, or one that is over. */
export type HoldingSession = { kind: 'agent'; agent: Agent } | { kind: 'lost'; lost: LostSession }

/** Rows of the index read at a time. */
const PAGE = 100

/** Reads sessions whose row in the index has fallen due, page by page, as their items are. */
export async function listDueSessions(
  table: Table,
  now: Instant,
  after?: Item,
): Promise<{ sessions: HoldingSession[]; after: Item | undefined }> {
  const page = await queryPage(table, {
    index: PHASE_INDEX,
    keyCondition: '#phase = :phase AND #phaseSort <= :now',
    values: { phase: SESSIONS_PHASE, now: sortable(now) },
    limit: PAGE,
    after,
  })
  const items = await batchGet(table, page.items.map(keyOfRow))
  return { sessions: items.map(decodeSession), after: page.after }
}

function decodeSession(item: Record<string, unknown>): HoldingSession {
  const isAgent = item.pk === agentKey('').pk
  return isAgent ? { kind: 'agent', agent: decodeAgent(item) } : { kind: 'lost', lost: decodeLostSession(item) }
}
