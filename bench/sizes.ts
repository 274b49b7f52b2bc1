/** How much is measured. */
export interface Sizes {
  /** Every figure under load is the median of this many rounds. */
  rounds: number
  /** Seconds of one round, after a warm-up of half a round. */
  seconds: number
  /** Clients at once. */
  clients: number[]
  /** Queued runs before which a poll and a claim are timed. */
  backlog: number[]
  /** Queues of one pool. */
  queues: number[]
  /** Runs that wait while the number of queues grows. */
  queuedRuns: number
  /** Queues that hold nobody up: paused ones, and ones whose runs are due tomorrow. */
  idleQueues: number
  /** Full limits of deployments, each with ten runs that wait for it. */
  fullLimits: number
  /** Push pools of an idle service. */
  pools: number[]
  /** Polls and claims timed in one round. */
  samples: number
  /** Runs that one round of the dispatcher claims. */
  dispatched: number
  /** Processes that import a bundle. */
  imports: number
  /** Runs that agents start. */
  agentRuns: number
  /** Times that an agent is started. */
  agentStarts: number
  /** Seconds that an agent has nothing to do before its memory is looked at. */
  idleSeconds: number
}

export const FULL: Sizes = {
  rounds: 3,
  seconds: 4,
  clients: [1, 8, 32],
  backlog: [1_000, 10_000, 100_000],
  queues: [1, 10, 100, 1_000],
  queuedRuns: 10_000,
  idleQueues: 300,
  fullLimits: 1_000,
  pools: [1, 2, 50],
  samples: 100,
  dispatched: 500,
  imports: 15,
  agentRuns: 200,
  agentStarts: 9,
  idleSeconds: 60,
}

export const QUICK: Sizes = {
  rounds: 1,
  seconds: 1,
  clients: [1, 8],
  backlog: [1_000, 5_000],
  queues: [1, 100],
  queuedRuns: 1_000,
  idleQueues: 30,
  fullLimits: 100,
  pools: [1, 2, 10],
  samples: 30,
  dispatched: 100,
  imports: 3,
  agentRuns: 10,
  agentStarts: 2,
  idleSeconds: 1,
}

export const USAGE = `Sizes, each followed by one or more numbers:
  --rounds <n>        rounds; figures are medians (${FULL.rounds})
  --seconds <n>       seconds of one round (${FULL.seconds})
  --clients <n>,...   clients at once (${FULL.clients.join(',')})
  --backlog <n>,...   queued runs before a poll and a claim (${FULL.backlog.join(',')})
  --queues <n>,...    queues of one pool (${FULL.queues.join(',')})
  --queued-runs <n>   waiting runs in those queues (${FULL.queuedRuns})
  --idle-queues <n>   queues that are paused, or whose runs are due tomorrow (${FULL.idleQueues})
  --full-limits <n>   full limits of deployments, with ten waiting runs each (${FULL.fullLimits})
  --pools <n>,...     push pools of an idle service (${FULL.pools.join(',')})
  --samples <n>       polls and claims timed in one round (${FULL.samples})
  --dispatched <n>    runs that one round of the dispatcher claims (${FULL.dispatched})
  --imports <n>       processes that import each bundle (${FULL.imports})
  --agent-runs <n>    runs that agents start (${FULL.agentRuns})
  --agent-starts <n>  times that an agent is started (${FULL.agentStarts})
  --idle-seconds <n>  before an agent's memory is looked at (${FULL.idleSeconds})
`
