/** How much is measured against Prefect. */
export interface DuelSizes {
  /** Rounds of each side, in turns; every figure is the median of as many. */
  rounds: number
  /** Seconds of one round, after a warm-up of half a round. */
  seconds: number
  /** Clients at once. */
  clients: number[]
  /** Queues of one pool. */
  queues: number[]
  /** Runs that wait while polls are measured. */
  queuedRuns: number
  /** Polls timed in one round. */
  samples: number
  /** Runs that agents and workers start. */
  pickUps: number
}

export const FULL: DuelSizes = {
  rounds: 5,
  seconds: 5,
  clients: [1, 8, 32],
  queues: [1, 10, 100, 1_000],
  queuedRuns: 1_000,
  samples: 20,
  pickUps: 100,
}

export const QUICK: DuelSizes = {
  rounds: 1,
  seconds: 1,
  clients: [1, 8],
  queues: [1, 10],
  queuedRuns: 50,
  samples: 5,
  pickUps: 6,
}

export const USAGE = `Sizes, each followed by one or more numbers:
  --rounds <n>        rounds of each side, alternating (${FULL.rounds})
  --seconds <n>       seconds of one round (${FULL.seconds})
  --clients <n>,...   clients at once (${FULL.clients.join(',')})
  --queues <n>,...    queues of one pool (${FULL.queues.join(',')})
  --queued-runs <n>   waiting runs while polls are measured (${FULL.queuedRuns})
  --samples <n>       polls timed in one round (${FULL.samples})
  --pick-ups <n>      runs that agents and workers start (${FULL.pickUps})
`
