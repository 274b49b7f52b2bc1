import { fromItem, type Item } from '#shared/storage/dynamo/expression.ts'

/** A session of an agent, or one that is over and whose runs are still to be ended; read without the code under test. */
export interface SessionItem {
  /** `<agent>`, or `<agent>#<session>` of one that is over. */
  key: string
  agentId: string
  /** Null for an agent that has none open. */
  session: string | null
  isOver: boolean
  /** The last ones of the agent before it. */
  past: readonly string[]
  /** The call that was the last to claim something. */
  requestId: string | null
  holds: readonly { runId: string; life: string; generation: number; flowId: string }[]
  leaseUntil: number
  /** Where the index of sessions has it; undefined where it does not. */
  filedAt: string | undefined
  /** Null for one that is not paused; Infinity until somebody resumes it. */
  pausedUntil: number | null
  draining: boolean
}

interface Stored {
  pk: string
  sk: string
  session?: string | null
  pastSessions?: string[]
  requestId?: string | null
  holds: { r: string; l: string; g: number; f: string }[]
  leaseUntil: number
  phase?: string
  phaseSort?: string
  paused?: { until: number | null } | null
  draining?: boolean
}

/** Reads such an item. */
export function readSession(item: Item): SessionItem {
  const stored = fromItem(item) as unknown as Stored
  const { pk, sk, session = null, pastSessions: past = [], requestId = null, paused = null, draining = false } = stored
  const [agentId = '', last = null] = sk.split('#')
  const isOver = pk === 'lost-sessions'
  return {
    key: sk,
    agentId,
    session: isOver ? last : session,
    isOver,
    past,
    requestId,
    holds: stored.holds.map(({ r, l, g, f }) => ({ runId: r, life: l, generation: g, flowId: f })),
    leaseUntil: stored.leaseUntil,
    filedAt: stored.phase === 'sessions' ? stored.phaseSort : undefined,
    pausedUntil: paused && (paused.until ?? Infinity),
    draining,
  }
}

/** The session that an item is about: of an agent without one, the one before. */
export const sessionOf = ({ session, past }: SessionItem): string | undefined => session ?? past[0]
