/** The exit codes of an agent. */
export const AGENT_EXIT = {
  /** Drained, ran once, or idle for long enough. */
  done: 0,
  /** It could not start, or ended before all that it held was reported. */
  failed: 1,
  poolNotFound: 3,
  keyRefused: 4,
  /** Another process runs under the agent's id. */
  takenOver: 5,
  /** The loop of calls was stuck; sysexits.h calls it a temporary failure. */
  stuck: 75,
  /** As shells report SIGINT: it ended at once, at the second signal. */
  interrupted: 130,
} as const
