import { KnownAgents } from './known-agents.ts'

/** A work pool that somebody made. */
export interface KnownPool {
  name: string
  /** Whether it launches its runs itself, as far as anybody heard: it may have been created again as another. */
  push: boolean
  queues: string[]
}

export interface KnownDeployment {
  id: string
  name: string
  flowId: string
  /** Null for one that a process of the user's serves, and so it is for runs of before it was given a pool. */
  pool: string | null
  served: boolean
  job: 'command' | 'flow'
}

/** A run, as far as its clients were told. */
export interface KnownRun {
  id: string
  deployment: KnownDeployment | null
  /** Somebody asked to delete it, or what it belongs to, so that it may be gone. */
  mayBeGone: boolean
  /** A cancel was acknowledged at this time of the world, before the run had ended. */
  cancelledAt: number | null
  /** Somebody wanted it to run again, or to be deleted and created again under its key. */
  retried: boolean
  /** Whether somebody works on it from outside: a worker, or a process that serves its deployment. */
  worked: boolean
  /** Somebody forced a state on it, or ended it by hand. */
  forced: boolean
}

/** What the clients of a world know, from answers alone. */
export class Known {
  readonly pools: KnownPool[] = []
  readonly deployments: KnownDeployment[] = []
  readonly runs = new Map<string, KnownRun>()
  readonly taskRuns: { id: string; runId: string | null }[] = []
  /** Queues of before there were pools, by id. */
  readonly oldQueues: { id: string; name: string }[] = []
  /** Flows whose runs may wait in pull pools. */
  readonly flows: { id: string; name: string }[] = []
  readonly agents = new KnownAgents()
  readonly violations: string[] = []
  /** When a call about a run was answered last, in seconds of the world's time. */
  readonly calledAt = new Map<string, number>()

  addRun(id: string, deployment: KnownDeployment | null): KnownRun {
    const known = this.runs.get(id)
    if (known) return known
    const run = { id, deployment, mayBeGone: false, cancelledAt: null, retried: false, worked: false, forced: false }
    this.runs.set(id, run)
    return run
  }

  /** Notes a call about a run that was carried out. */
  noteCall(runId: string, seconds: number): void {
    this.calledAt.set(runId, seconds)
  }

  remove<T>(list: T[], item: T): void {
    const at = list.indexOf(item)
    if (at >= 0) list.splice(at, 1)
  }
}
