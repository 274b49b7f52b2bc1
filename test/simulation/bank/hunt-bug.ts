import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Bug } from './bug.ts'
import type { Search } from './search-seeds.ts'

/** `broken`: the bug was not planted, or the search itself failed. */
type Outcome = 'found' | 'MISSED' | 'BROKEN'

export interface Hunt {
  bug: Bug
  outcome: Outcome
  /** Worlds until one failed, that one included; how many there were, where none did. */
  seeds: number
  seed: number | null
  /** What was wrong there. */
  problem: string | null
  seconds: number
}

/** A hunt ends after so many worlds, or so many seconds of a core. */
export interface HuntOptions {
  seeds: number
  seconds: number
}

const SEARCH = join(import.meta.dirname, 'search-seeds.ts')
/** So that the service is compiled once, and not for each bug. */
const COMPILED = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'node-compile')
const PLANT = pathToFileURL(join(import.meta.dirname, 'plant.ts')).href

/** Simulates worlds with a bug in a process of its own until one fails. A seed that fails without it is passed over. */
export async function huntBug(bug: Bug, { seeds, seconds }: HuntOptions): Promise<Hunt> {
  const start = performance.now()
  const secondsTaken = () => Math.round((performance.now() - start) / 100) / 10
  const hunt = (outcome: Outcome, at: number, { seed, problem }: Omit<Search, 'seeds'>): Hunt => {
    return { bug, outcome, seeds: at, seed, problem, seconds: secondsTaken() }
  }
  let looked = 0
  while (looked < seeds && secondsTaken() < seconds) {
    const found = await search(bug, { from: looked + 1, seeds: seeds - looked, seconds })
    if (typeof found === 'string') return hunt('BROKEN', looked, { seed: null, problem: found })
    looked += found.seeds
    if (found.seed === null) break
    if (!(await failsAnyway(found.seed))) return hunt('found', looked, found)
  }
  return hunt('MISSED', looked, { seed: null, problem: null })
}

const known = new Map<number, Promise<boolean>>()

async function failsAnyway(seed: number): Promise<boolean> {
  const look = async () => {
    const found = await search(undefined, { from: seed, seeds: 1, seconds: Infinity })
    return typeof found === 'string' || found.seed !== null
  }
  const looking = known.get(seed) ?? look()
  known.set(seed, looking)
  return await looking
}

/** On a busy machine a process gets a share of a core; one that stands still gets no more than this many times its time. */
const PATIENCE = 10

/** What the search found; a text says why there was no search. */
async function search(
  bug: Bug | undefined,
  { from, seeds, seconds }: HuntOptions & { from: number },
): Promise<Search | string> {
  const options = bug ? ['--import', PLANT] : []
  const child = spawn(process.execPath, [...options, SEARCH, ...[from, seeds, seconds].map(String)], {
    env: { NODE_COMPILE_CACHE: COMPILED, ...process.env, ...(bug ? { PUSHPOOL_BUG: bug.name } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: Number.isFinite(seconds) ? seconds * PATIENCE * 1_000 : undefined,
    killSignal: 'SIGKILL',
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)))
  if (signal !== null) return { seeds: 1, seed: from, problem: 'hang the world never ends' }
  if (bug && !err.includes(`planted: ${bug.name}`)) return `not planted: ${err.slice(-500)}`
  const last = out.trim().split('\n').at(-1) ?? ''
  return last.startsWith('{') ? (JSON.parse(last) as Search) : `the search failed: ${err.slice(-500)}`
}
