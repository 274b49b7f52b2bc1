import type { BodyOf } from '#shared/client/create-client.ts'
import type { AgentOptions } from '../agent-options.ts'
import type { Hold } from '../run/hold.ts'

export type ClaimRequest = BodyOf<'claimWork'>

/** The call in its session. */
export interface Turn {
  session: string
  sequence: number
  requestId: string
  waitSeconds: number
  draining: boolean
  leaving: boolean
}

/** What an agent without a limit asks for at once. */
const SLOTS_AHEAD = 100
/** What a claim call can name as held. */
const HOLDING_MAX = 1_000

/** As far as a call speaks of a run that is held. */
type Held = Pick<Hold, 'isLost'> & {
  run: { flow_run: { id: string }; generation: number; job: { cpu: number | null; memory: number | null } }
}

/** The slots that are left; an agent without a limit has some more whatever it holds. */
export function freeSlots(limit: number | null, held: number): number {
  return Math.max(0, limit === null ? Math.min(SLOTS_AHEAD, HOLDING_MAX - held) : limit - held)
}

/** What a call says of the agent itself. */
export type Caller = Pick<
  AgentOptions,
  'id' | 'name' | 'host' | 'version' | 'queues' | 'match' | 'order' | 'limit' | 'cpu' | 'memory' | 'flowLimits'
> &
  Pick<AgentOptions, 'prefetchSeconds' | 'leaseSeconds'>

/** The body of a claim call: what the agent has and holds. */
export function claimRequest(options: Caller, held: readonly Held[], turn: Turn): ClaimRequest {
  const { id, name, host, version, queues, match, order, limit, cpu, memory, flowLimits } = options
  const { session, sequence, requestId, waitSeconds, draining, leaving } = turn
  const left = (all: number | null, member: 'cpu' | 'memory') =>
    all === null ? undefined : Math.max(0, all - held.reduce((sum, { run }) => sum + (run.job[member] ?? 0), 0))
  return {
    agent: { id, name, host, version },
    session,
    sequence,
    request_id: requestId,
    queues: queues && [...queues],
    match: [...match],
    order,
    free: {
      slots: draining || leaving ? 0 : freeSlots(limit, held.length),
      cpu: left(cpu, 'cpu'),
      memory: left(memory, 'memory'),
    },
    capacity: { slots: limit ?? HOLDING_MAX, cpu, memory },
    flow_limits: { each: flowLimits.each, by_flow: flowLimits.byFlow },
    // What is lost still takes its room until it has ended.
    holding: held
      .filter(({ isLost }) => !isLost)
      .map(({ run }) => ({ flow_run_id: run.flow_run.id, generation: run.generation })),
    prefetch_seconds: options.prefetchSeconds,
    lease_seconds: options.leaseSeconds,
    wait_seconds: waitSeconds,
    draining,
    leaving,
  }
}
