import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { duringLaunch } from './during-launch.ts'
import { collision, unsaidRoom } from './room-for-workers.ts'
import { crowd, dueBetweenTicks } from './starts-in-time.ts'
import { strayNews } from './stray-news.ts'

/** What is staged, and how often beside the others; a crowd takes a world's time. */
const STAGED = [
  { stage: crowd, weight: 1 },
  { stage: dueBetweenTicks, weight: 3 },
  { stage: unsaidRoom, weight: 3 },
  { stage: collision, weight: 2 },
  { stage: strayNews, weight: 6 },
  { stage: duringLaunch, weight: 6 },
]

/**
 * Stages, in a fork, what hardly ever happens by itself in a world as small as these, in a pool of its own beside all that
 * the world has come to. Says what comes of it that should not.
 */
export async function stagedProblems(fork: Fork, chance: Chance): Promise<string[]> {
  const all = STAGED.flatMap(({ stage, weight }) => Array.from({ length: weight }, () => stage))
  return (await chance.pick(all)?.(fork, chance)) ?? []
}
