import { nameProblem } from '#shared/contract/name.ts'
import { UsageError } from '../usage-error.ts'
import type { AgentValues } from './start-values.ts'

/** What an agent looks for, as it was typed. */
export type Work =
  /** The last queue may be named by its id. */
  | { kind: 'queues'; poolName: string | undefined; queues: readonly string[]; nameOrId: string | undefined }
  | { kind: 'match'; poolName: string | undefined; match: readonly string[] }
  | { kind: 'pool'; poolName: string }
  /** Runs with all of these tags, from a queue that has them as its filter, as Prefect 2 did before it had named queues. */
  | { kind: 'tags'; tags: readonly string[] }

/** The pool of queues that name none, as in Prefect 2. */
export const AGENT_POOL = 'default-agent-pool'

/** Refuses what Prefect 2.20's agent refuses, in its words. Throws UsageError. */
export function parseWork({ workQueue, match, tag, pool }: AgentValues, queue: string | undefined): Work {
  assertNames('--work-queue', workQueue)
  assertNames('--match', match)
  assertNames('--pool', pool === undefined ? [] : [pool])
  const named = queue !== undefined || workQueue !== undefined
  if ([named, match, tag].filter(Boolean).length > 1) {
    throw new UsageError('Only one of `work_queues`, `match`, or `tags` can be provided.')
  }
  if (pool !== undefined && tag) throw new UsageError('`tag` and `pool` options cannot be used together.')
  if (named) return { kind: 'queues', poolName: pool, queues: workQueue ?? [], nameOrId: queue }
  if (match) return { kind: 'match', poolName: pool, match }
  if (tag) return { kind: 'tags', tags: tag }
  if (pool === undefined) throw new UsageError('No work queues provided! Name one with -q, or a work pool with -p.')
  return { kind: 'pool', poolName: pool }
}

/** Told here, since the service's answer to a wrong name would come when the agent runs. Throws UsageError. */
export function assertNames(option: string, names: readonly string[] = []): void {
  for (const name of names) {
    const problem = nameProblem(name)
    if (problem !== undefined) throw new UsageError(`${option}: ${problem}.`)
  }
}
