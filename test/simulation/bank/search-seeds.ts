import { simulateWorld } from '../simulate-world.ts'

/** What a search through seeds came to; `seed` and `problem` are of the first world in which something was wrong. */
export interface Search {
  /** Worlds that were simulated, this one included. */
  seeds: number
  seed: number | null
  problem: string | null
}

const [from = '1', count = '1', bound = '60'] = process.argv.slice(2)
console.log(JSON.stringify(await searchSeeds(Number(from), Number(count), Number(bound))))
// Worlds that were left in the middle may still have timers.
process.exit()

/** Simulates one seed after another until one fails, or this process has had so many seconds of a core. */
async function searchSeeds(first: number, most: number, seconds: number): Promise<Search> {
  let seeds = 0
  while (seeds < most && process.cpuUsage().user < seconds * 1_000_000) {
    const seed = first + seeds
    const problem = await problemOf(seed)
    seeds += 1
    if (problem !== undefined) return { seeds, seed, problem }
  }
  return { seeds, seed: null, problem: null }
}

/** A world that can't even be made, or throws, has failed as well. */
async function problemOf(seed: number): Promise<string | undefined> {
  try {
    return (await simulateWorld({ seed })).problems[0]
  } catch (error) {
    return `crash ${error instanceof Error ? error.message : String(error)}`
  }
}
