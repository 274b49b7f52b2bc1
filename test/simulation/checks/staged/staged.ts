import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { halfDeleted, lateDelete, stray } from './deletions.ts'
import { hiddenTask, neverAnswered, slowStart, timeLimit } from './holds.ts'
import { beforeLaunch, duringLaunch, lostLaunch } from './launches.ts'
import { agentHeldBack, longHold, lostAgent } from './lost-agents.ts'
import { oldProcess } from './old-process.ts'
import { proposals } from './proposals.ts'
import { lateResume } from './resumes.ts'
import { retried } from './retries.ts'
import { collision, unsaidRoom } from './room-for-workers.ts'
import { decay, renewedLease } from './slots.ts'
import { crowd, dueBetweenTicks, raisedLimit } from './starts-in-time.ts'
import { strayNews, unknownTask, unwantedTask } from './stray-news.ts'
import { taskTwice } from './tasks-twice.ts'
import { undescribed } from './undescribed.ts'

/** What is staged, and how often beside the others; a crowd takes a world's time. */
export const STAGES = [
  { stage: crowd, weight: 2 },
  { stage: dueBetweenTicks, weight: 3 },
  { stage: unsaidRoom, weight: 3 },
  { stage: collision, weight: 2 },
  { stage: strayNews, weight: 6 },
  { stage: unwantedTask, weight: 3 },
  { stage: unknownTask, weight: 2 },
  { stage: proposals, weight: 8 },
  { stage: raisedLimit, weight: 2 },
  { stage: beforeLaunch, weight: 4 },
  { stage: duringLaunch, weight: 5 },
  { stage: lostLaunch, weight: 4 },
  { stage: lateDelete, weight: 4 },
  { stage: stray, weight: 5 },
  { stage: halfDeleted, weight: 4 },
  { stage: taskTwice, weight: 1 },
  { stage: oldProcess, weight: 4 },
  { stage: retried, weight: 4 },
  { stage: lateResume, weight: 3 },
  { stage: renewedLease, weight: 2 },
  { stage: decay, weight: 2 },
  { stage: undescribed, weight: 2 },
  { stage: hiddenTask, weight: 2 },
  { stage: slowStart, weight: 3 },
  { stage: timeLimit, weight: 3 },
  { stage: neverAnswered, weight: 1 },
  { stage: lostAgent, weight: 6 },
  { stage: agentHeldBack, weight: 4 },
  { stage: longHold, weight: 2 },
]

/**
 * Stages, in a fork, what hardly ever happens by itself in a world as small as these, in a pool of its own beside all that
 * the world has come to. Says what comes of it that should not.
 */
export async function stagedProblems(fork: Fork, chance: Chance): Promise<string[]> {
  const all = STAGES.flatMap(({ stage, weight }) => Array.from({ length: weight }, () => stage))
  return (await chance.pick(all)?.(fork, chance)) ?? []
}
