import type { Limit, LimitKey } from '#shared/limit/limit.ts'
import { COUNTING_WORDS } from '#shared/limit/refusal-words.ts'
import type { Obstacle } from '#shared/work-pool/find-obstacles.ts'
import { isPushPool, type WorkPool } from '#shared/work-pool/work-pool.ts'
import { AHEAD_MAX } from './read-pool-picture.ts'

/** What is in a run's way, and what has to happen. */
export function obstacleWords({ reason, limit: key, ahead }: Obstacle, limit: Limit | null): string {
  const noun = nounOf(key)
  switch (reason) {
    case 'missing':
      return `Its ${noun} no longer exists; the run will be cancelled.`
    case 'deleting':
      return `Its ${noun} is being deleted; the run will be cancelled.`
    case 'counting':
      return COUNTING_WORDS
    case 'paused':
      return `Its ${noun} is paused; it has to be resumed.`
    case 'full':
      return `The concurrency limit of its ${noun} is reached (${usedOf(limit)})${behind(ahead)}`
    case 'behind_others':
      return `${firstWords(ahead)} for the ${left(limit)} of its ${noun}.`
  }
}

function nounOf(key: LimitKey): string {
  if (key.startsWith('pool#')) return 'work pool'
  return key.startsWith('queue#') ? 'work queue' : 'deployment'
}

function usedOf(limit: Limit | null): string {
  return `${limit?.active ?? 0} of ${limit?.limit ?? 0} held`
}

function behind(ahead: number): string {
  if (ahead === 0) return '; a slot has to become free.'
  return `; ${firstWords(ahead)}, and a slot has to become free for each.`
}

function firstWords(ahead: number): string {
  if (ahead > AHEAD_MAX) return `${AHEAD_MAX.toLocaleString('en')}+ runs go first`
  return ahead === 1 ? '1 run goes first' : `${ahead.toLocaleString('en')} runs go first`
}

function left(limit: Limit | null): string {
  const free = limit?.available ?? 0
  return free === 1 ? 'one free slot' : `${free} free slots`
}

/** A worker of Prefect's may take it all the same. */
export const TOO_LARGE_WORDS =
  'No limit keeps it from starting, but it asks for more CPU or memory than any agent has that serves its queue.'

/** When a run that nothing keeps from starting will start. */
export function nextWords(pool: WorkPool | undefined): string {
  return pool && isPushPool(pool.type)
    ? 'Nothing keeps it from starting; the dispatcher hands it out within a minute at the latest.'
    : 'Nothing keeps it from starting; it is handed out when a worker polls its pool.'
}
