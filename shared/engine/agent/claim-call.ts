import type { Agent, AgentPause, Room } from '#shared/agent/agent.ts'
import type { FlowLimits } from '#shared/agent/fit.ts'
import type { AgentGiven } from '#shared/agent/open-session.ts'
import type { Held, RunToStop } from '#shared/agent/settle-holds.ts'
import type { Origin } from '#shared/flow-run/writer.ts'
import type { ClaimedRun } from './claimed-runs.ts'
import type { ServedQueue } from './served-queues.ts'

/** One call of an agent. */
export interface ClaimCall {
  agent: Pick<AgentGiven, 'id' | 'name' | 'host' | 'version'>
  session: string
  sequence: number
  requestId: string
  /** In order, the most urgent first; undefined, with no `match`, for all of the pool's by their priority. */
  queues: readonly string[] | undefined
  match: readonly string[]
  order: 'strict' | 'fair'
  free: Room
  capacity: Room
  flowLimits: FlowLimits
  holding: readonly Held[]
  prefetchSeconds: number
  leaseSeconds: number
  waitSeconds: number
  draining: boolean
  leaving: boolean
  origin: Origin
  /** Aborted when nobody hears the answer any more, where that is known. */
  callerGone?: AbortSignal | undefined
}

/** What an agent is told. */
export interface ClaimAnswer {
  agent: Agent
  /** How many of the runs that it holds have not ended yet, as far as their states say. */
  load: number
  leaseSeconds: number
  runs: ClaimedRun[]
  stop: RunToStop[]
  queues: ServedQueue[]
  nextDueSeconds: number | null
  waited: boolean
  paused: AgentPause | undefined
}
