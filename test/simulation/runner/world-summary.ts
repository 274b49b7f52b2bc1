import { OTHER_FAULTS } from '../machine/fault-counts.ts'
import { FAULTS, strikes } from '../machine/faults.ts'
import { profileOf } from '../machine/profile.ts'
import type { Report } from '../simulate-world.ts'
import type { Job } from './job.ts'

/** The counts of a world that are added up. */
export const COUNTS = ['pools', 'queues', 'runs', 'calls', 'claims', 'tasks', 'checks', 'steps'] as const
export type Counts = Record<(typeof COUNTS)[number], number>

/** How often a fault could strike a verb, and how often it did: `[verb, fault, met, struck]`. */
export type Cell = readonly [verb: string, fault: string, met: number, struck: number]

/** What a run of many worlds keeps of each; it is small, and goes from thread to thread. */
export interface WorldSummary {
  seed: number
  profile: string
  problems: string[]
  counts: Counts
  cells: Cell[]
}

/** The faults of the matrix, in its order. */
export const ALL_FAULTS: readonly string[] = [...FAULTS, ...OTHER_FAULTS]

/** Sums up a world. Calls of the API are those that clients made; steps are the calls that processes made. */
export function summarize(report: Report): WorldSummary {
  const { seed, profile, problems, pools, queues, runs, claims, tasks, checks, steps, faults } = report
  const other = [...faults.byVerb].flatMap(([verb, each]) =>
    [...each].map(([fault, { met, struck }]): Cell => [verb, fault, met, struck]),
  )
  const counts = { pools, queues, runs, calls: report.calls, claims, tasks, checks, steps: steps.length }
  return { seed, profile, problems, counts, cells: [...cellsOfSteps(report), ...other] }
}

/** What is kept of a world of which there is no report. */
export function brokenOff({ seed, profile }: Job, problem: string): WorldSummary {
  const counts = Object.fromEntries(COUNTS.map((count) => [count, 0])) as Counts
  return { seed, profile: profile ?? profileOf(seed).name, problems: [problem], counts, cells: [] }
}

function cellsOfSteps({ steps }: Report): Cell[] {
  const calls = new Map<string, { verb: string; call: string; times: number }>()
  const struck = new Map<string, number>()
  for (const { verb, call, fault } of steps) {
    const key = `${verb}\t${call}`
    const counted = calls.get(key)
    if (counted) counted.times += 1
    else calls.set(key, { verb, call, times: 1 })
    if (fault) add(struck, `${verb}\t${fault}`, 1)
  }
  const met = new Map<string, number>()
  for (const { verb, call, times } of calls.values()) {
    const possible = FAULTS.filter((fault) => strikes(fault, { name: call }))
    for (const fault of possible) add(met, `${verb}\t${fault}`, times)
  }
  return [...met].map(([key, times]) => {
    const [verb = '', fault = ''] = key.split('\t')
    return [verb, fault, times, struck.get(key) ?? 0]
  })
}

function add(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more)
}
