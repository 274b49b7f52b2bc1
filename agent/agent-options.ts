/** What an agent is told at its start. */
export interface AgentOptions {
  /** A UUID that stays the same when the agent is started again. */
  id: string
  name: string
  host: string
  version: string
  poolName: string
  /** Names, the most urgent first; undefined: all of the pool's, by their priority. */
  queues: readonly string[] | undefined
  /** Queues whose names begin so are served, too. */
  match: readonly string[]
  order: 'strict' | 'fair'
  /** How many runs it holds at once; null: no limit. */
  limit: number | null
  /** CPU units, 1024 to a vCPU; null: not counted. */
  cpu: number | null
  /** MiB; null: not counted. */
  memory: number | null
  flowLimits: { each?: number; byFlow: Record<string, number> }
  prefetchSeconds: number
  leaseSeconds: number
  /** Claims once, and ends after what it got. */
  runOnce: boolean
  exitWhenIdleSeconds: number | null
  /** How long a drain waits for what runs; null: as long as it takes. */
  drainTimeoutSeconds: number | null
  /** From SIGTERM to SIGKILL. */
  killGraceSeconds: number
  /** Each run gets a folder in it. */
  workDir: string
  /** Keeps the folders of runs that did not end well. */
  keepFailed: boolean
  /** The command line that starts a watcher. */
  watcherProgram: readonly string[]
  /** Where the environment of children takes PATH and the like from. */
  env: Record<string, string | undefined>
  apiUrl: string
  /** Called again after the service refused the key, which may be rotated. */
  readApiKey: () => string | undefined
}

/** Where the agent says, in sentences, what it does. */
export interface AgentLog {
  info(sentence: string): void
  warn(sentence: string): void
  error(sentence: string): void
}
