import { Matrix } from './matrix.ts'
import { COUNTS, type Counts, type WorldSummary } from './world-summary.ts'

/** What came of many worlds. */
export class Totals {
  seeds = 0
  readonly failed: WorldSummary[] = []
  readonly counts = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts
  readonly matrix = new Matrix()

  add(world: WorldSummary): void {
    this.seeds += 1
    if (world.problems.length > 0) this.failed.push(world)
    for (const name of COUNTS) this.counts[name] += world.counts[name]
    this.matrix.add(world.cells)
  }

  /** Sums and means in one line. */
  line(seconds: number): string {
    const { seeds, counts, failed } = this
    const means = COUNTS.filter((name) => name !== 'checks').map(
      (name) => `${mean(counts[name], seeds)} ${WORDS[name]}`,
    )
    return (
      `${seeds} seeds in ${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(1)} a second; ` +
      `a seed has on average ${means.join(', ')}; ` +
      `${counts.checks} committed states checked; ${failed.length === 0 ? 'no problems' : problemsOf(failed)}`
    )
  }

  /** The same for programs. */
  toJson(seconds: number): object {
    const { seeds, counts, failed, matrix } = this
    return {
      seeds,
      seconds,
      seedsPerSecond: seeds / seconds,
      means: Object.fromEntries(COUNTS.map((name) => [name, seeds === 0 ? 0 : counts[name] / seeds])),
      checks: counts.checks,
      failed: failed.map(({ seed, profile, problems }) => ({ seed, profile, problems })),
      matrix: matrix.toJson(),
    }
  }
}

const WORDS: Record<keyof Counts, string> = {
  pools: 'pools',
  queues: 'queues',
  runs: 'runs',
  calls: 'calls of the API',
  claims: 'claims',
  tasks: 'ECS tasks',
  checks: 'committed states checked',
  steps: 'calls of functions',
}

const mean = (sum: number, count: number) => (count === 0 ? '0' : (sum / count).toFixed(sum / count < 10 ? 1 : 0))

function problemsOf(failed: readonly WorldSummary[]): string {
  const seeds = failed.map(({ seed }) => seed).toSorted((a, b) => a - b)
  const some = `${seeds.slice(0, 10).join(', ')}${seeds.length > 10 ? ', …' : ''}`
  return `PROBLEMS in ${failed.length} seed${failed.length === 1 ? '' : 's'}: ${some}`
}
