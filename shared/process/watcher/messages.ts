import type { ProcessRef } from '#shared/process/process-start.ts'

/** A process tree: the supervisor that leads its group, and the `NAME=value` that all of its environments hold. */
export interface WatchedProcess {
  id: string
  process: ProcessRef
  mark: string
}

/** What is no process of ours, a container: ended by a command, which may be repeated. */
interface WatchedByCommand {
  id: string
  command: readonly string[]
}

export type Watched = WatchedProcess | WatchedByCommand

/** What the watcher is told, a JSON line each. */
export type ToWatcher = { watch: Watched } | { forget: string } | { feed: number }

/** What it answers: that it watches one, and which have ended since it was not fed in time. */
export type FromWatcher = { watching: string } | { ended: readonly string[] }

/** A message's line. */
export function lineOf(message: ToWatcher | FromWatcher): string {
  return `${JSON.stringify(message)}\n`
}

/** The message of a line; undefined for one that a death cut short. */
export function messageOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
