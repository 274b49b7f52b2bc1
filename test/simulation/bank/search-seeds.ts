import { simulateWorld } from '../simulate-world.ts'

/** What a search through seeds came to; `seed` and `problem` are of the first world in which something was wrong. */
export interface Search {
  /** Worlds that were simulated, this one included. */
  seeds: number
  seed: number | null
  problem: string | null
}

const [from = '1', count = '1'] = process.argv.slice(2)
console.log(JSON.stringify(await searchSeeds(Number(from), Number(count))))
// Worlds that were left in the middle may still have timers.
process.exit()

/** Simulates one seed after another until one fails. */
async function searchSeeds(first: number, most: number): Promise<Search> {
  for (let seeds = 1; seeds <= most; seeds += 1) {
    const seed = first + seeds - 1
    const problem = await problemOf(seed)
    console.log(`. ${seed}`)
    if (problem !== undefined) return { seeds, seed, problem }
  }
  return { seeds: most, seed: null, problem: null }
}

/** A world that can't even be made, or throws, has failed as well. */
async function problemOf(seed: number): Promise<string | undefined> {
  try {
    return (await simulateWorld({ seed })).problems[0]
  } catch (error) {
    return `crash ${error instanceof Error ? error.message : String(error)}`
  }
}
