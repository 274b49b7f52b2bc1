/** How a run ended here. `lost`: it was no longer this agent's, so nothing was reported. */
export type Outcome = 'completed' | 'failed' | 'crashed' | 'cancelled' | 'handed_back' | 'reported_itself' | 'lost'

/** The figures of an agent, for its health checks and metrics. */
export interface AgentStatus {
  /** `starting`: no call has succeeded yet. */
  state: 'starting' | 'online' | 'paused' | 'draining' | 'ended'
  /** Since the last answer to a claim call; null before the first. */
  lastAnswerAgeSeconds: number | null
  calls: { ok: number; failed: number }
  /** How many runs were taken since the start. */
  claimed: number
  /** How many are held now, and how many of them have a process. */
  holding: number
  running: number
  /** Null without a limit. */
  slotsFree: number | null
  leaseRenewals: number
  /** Null while nothing is held. */
  leaseSecondsLeft: number | null
  /** How many runs have ended, by how. */
  outcomes: Record<Outcome, number>
  /** Output that is not in the runs' logs yet. */
  spooledLogBytes: number
  /** States that are not reported yet. */
  spooledStates: number
}

/** A running agent. */
export interface Agent {
  /** Settles with the exit code. */
  done: Promise<number>
  /** Takes nothing more, finishes what it holds, and ends: what the first signal asks for. */
  drain(): void
  /** Ends at once, with what it holds: what the second signal asks for. */
  endNow(): void
  status(): AgentStatus
}
