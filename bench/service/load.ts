import { median, quantile } from '../report/statistics.ts'
import type { Row } from '../workload.ts'
import { cpuMsOf } from './cpu-time.ts'

export interface LoadOptions {
  clients: number
  rounds: number
  seconds: number
  /** What one client does again and again; a rejection counts as an error, and the client goes on. */
  operation: (client: number) => Promise<unknown>
  /** Processes whose CPU time is measured separately. */
  pids: Record<string, number>
}

export interface LoadResult {
  /** Operations per second, round by round. */
  rates: number[]
  /** Of all operations in all rounds. */
  latenciesMs: number[]
  /** Milliseconds of CPU per operation, process by process. */
  cpuMs: Record<string, number>
  errors: string[]
}

/** What one round came to. */
export interface Round {
  perSecond: number
  latenciesMs: number[]
}

/** A client whose operations all fail at once must not spin. */
const FAILED_WAIT_MS = 50

/** Keeps a number of clients busy for some rounds, after a warm-up that is half as long as a round. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { rounds, seconds, pids } = options
  const errors: string[] = []
  const rates: number[] = []
  const latenciesMs: number[] = []
  await loadRound(options, seconds / 2, errors)
  const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, cpuMs: cpuMsOf(pid) ?? Number.NaN }))
  for (let at = 0; at < rounds; at += 1) {
    const round = await loadRound(options, seconds, errors)
    rates.push(round.perSecond)
    latenciesMs.push(...round.latenciesMs)
  }
  const used = before.map(({ name, pid, cpuMs }) => [name, ((cpuMsOf(pid) ?? Number.NaN) - cpuMs) / latenciesMs.length])
  return { rates, latenciesMs, cpuMs: Object.fromEntries(used) as Record<string, number>, errors }
}

/** Keeps a number of clients busy for so many seconds; what fails is added to the errors. */
export async function loadRound(
  { clients, operation }: Pick<LoadOptions, 'clients' | 'operation'>,
  seconds: number,
  errors: string[],
): Promise<Round> {
  const started = performance.now()
  const until = started + seconds * 1000
  const latenciesMs: number[] = []
  const client = async (_: unknown, number: number) => {
    for (let begun = performance.now(); begun < until; begun = performance.now()) {
      try {
        await operation(number)
        latenciesMs.push(performance.now() - begun)
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error))
        await new Promise((resolve) => setTimeout(resolve, FAILED_WAIT_MS))
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  // Clients end with an operation that began in time, so the round is as long as the slowest of those.
  return { perSecond: latenciesMs.length / ((performance.now() - started) / 1000), latenciesMs }
}

/** The figures of a load in the columns that every table of loads has. */
export function loadRow({ rates, latenciesMs, cpuMs }: LoadResult): Row {
  return {
    'per second': median(rates),
    lowest: Math.min(...rates),
    highest: Math.max(...rates),
    'p50 ms': quantile(latenciesMs, 0.5),
    'p99 ms': quantile(latenciesMs, 0.99),
    ...Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [`${name} CPU ms`, ms])),
  }
}
