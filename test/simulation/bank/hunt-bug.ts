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
  /** The name of the invariant, and its words. */
  invariant: string | null
  problem: string | null
  seconds: number
}

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
  const end = start + seconds * 1_000
  const hunt = (outcome: Outcome, at: number, { seed, problem }: Omit<Search, 'seeds'>): Hunt => {
    const invariant = /^(\w+)/.exec(problem ?? '')?.[1] ?? null
    const took = Math.round((performance.now() - start) / 100) / 10
    return { bug, outcome, seeds: at, seed, problem, invariant, seconds: took }
  }
  for (let from = 1; from <= seeds; ) {
    const found = await search(bug, from, seeds - from + 1, end)
    if (typeof found === 'string') return hunt('BROKEN', from - 1, { seed: null, problem: found })
    const at = from - 1 + found.seeds
    if (found.seed === null) return hunt('MISSED', at, found)
    if (!(await failsAnyway(found.seed))) return hunt('found', at, found)
    from = found.seed + 1
  }
  return hunt('MISSED', seeds, { seed: null, problem: null })
}

const known = new Map<number, Promise<boolean>>()

async function failsAnyway(seed: number): Promise<boolean> {
  const look = async () => {
    const found = await search(undefined, seed, 1, Infinity)
    return typeof found === 'string' || found.seed !== null
  }
  const looking = known.get(seed) ?? look()
  known.set(seed, looking)
  return await looking
}

/** What the search found; a text says why there was none. Out of time, all that it simulated was in order. */
async function search(bug: Bug | undefined, from: number, count: number, end: number): Promise<Search | string> {
  const options = bug ? ['--import', PLANT] : []
  const child = spawn(process.execPath, [...options, SEARCH, String(from), String(count)], {
    env: { NODE_COMPILE_CACHE: COMPILED, ...process.env, ...(bug ? { PUSHPOOL_BUG: bug.name } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  const late = Number.isFinite(end) ? setTimeout(() => child.kill('SIGKILL'), end - performance.now()) : undefined
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)))
  clearTimeout(late)
  if (bug && !err.includes(`planted: ${bug.name}`)) return `not planted: ${err.slice(-500)}`
  const lines = out.trim().split('\n')
  if (signal !== null) return { seeds: lines.filter((line) => line.startsWith('.')).length, seed: null, problem: null }
  const last = lines.at(-1) ?? ''
  return last.startsWith('{') ? (JSON.parse(last) as Search) : `the search failed: ${err.slice(-500)}`
}
