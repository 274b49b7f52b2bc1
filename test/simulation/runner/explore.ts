import { KNOWN_SEEDS } from '../known-seeds.ts'
import { replayCommand } from '../story/replay-command.ts'
import { invariantOf } from '../story/shrink.ts'
import { freshSeeds, originOfFreshSeeds } from './fresh-seeds.ts'
import type { Job } from './job.ts'
import { MATRIX_SEEDS_MIN } from './matrix.ts'
import type { Options } from './options.ts'
import { Progress } from './progress.ts'
import { explain } from './run-one.ts'
import { runSeeds } from './run-seeds.ts'
import { Totals } from './totals.ts'
import type { WorldSummary } from './world-summary.ts'

const SEEDS_DEFAULT = 100
/** Of the seeds that fail, so many get a story, each of another invariant. */
const STORIES_MAX = 3
const PROBLEMS_SHOWN = 3

/** Runs the worlds of many seeds; resolves to whether all was well. */
export async function explore(options: Options): Promise<boolean> {
  const { json, quiet, minutes, stopAtFirst } = options
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1_000
  const say = (text: string) => {
    if (!json && !quiet) console.log(text)
  }
  const jobs = jobsOf(options, say, () => minutes !== undefined && seconds() > minutes * 60)
  const totals = new Totals()
  const progress = new Progress(process.stderr, jobs.count, !json && !quiet)
  const run = runSeeds(jobs.all, (world) => {
    totals.add(world)
    if (world.problems.length > 0) {
      progress.clear()
      if (!json) console.log(failure(world))
      if (stopAtFirst) run.stop()
    }
    progress.show(totals, seconds())
  })
  let interrupted = false
  const interrupt = () => {
    interrupted = true
    run.stop()
  }
  process.once('SIGINT', interrupt)
  await run.done
  process.off('SIGINT', interrupt)
  progress.clear()
  const took = seconds()
  if (!interrupted && !json) for (const world of differing(totals.failed)) await explain(world, options)
  if (json) console.log(JSON.stringify(totals.toJson(took), null, 2))
  else {
    if (totals.seeds >= MATRIX_SEEDS_MIN) say(`\n${totals.matrix.print(totals.seeds)}\n`)
    console.log(`${interrupted ? 'Interrupted: ' : ''}${totals.line(took)}`)
  }
  return totals.failed.length === 0
}

/** The worlds to run: those that are known, and then those that were asked for, until time is over. */
function jobsOf(
  { profile, from, minutes, seeds = minutes === undefined ? SEEDS_DEFAULT : Infinity, fresh }: Options,
  say: (text: string) => void,
  over: () => boolean,
): { all: Iterator<Job>; count: number | undefined } {
  const origin = fresh === undefined ? undefined : originOfFreshSeeds()
  if (origin) say(`${fresh} fresh seeds, from ${origin.described}`)
  const chosen = origin ? freshSeeds(origin, fresh ?? 0) : undefined
  const count = KNOWN_SEEDS.length + (chosen?.length ?? seeds)
  return { all: eachJob(chosen ?? rising(from, seeds), profile, over), count: count === Infinity ? undefined : count }
}

function* eachJob(
  seeds: Iterable<number>,
  profile: string | undefined,
  over: () => boolean,
): Generator<Job, undefined> {
  for (const known of KNOWN_SEEDS) yield { seed: known.seed, profile: known.profile }
  for (const seed of seeds) {
    if (over()) return undefined
    yield { seed, profile }
  }
  return undefined
}

function* rising(from: number, count: number): Generator<number> {
  for (let seed = from; seed < from + count; seed += 1) yield seed
}

function failure(world: WorldSummary): string {
  const { seed, profile, problems } = world
  const more = problems.length - PROBLEMS_SHOWN
  return [
    `FAILED: seed ${seed} (${profile})`,
    ...problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${problem}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    `  replay: ${replayCommand(world)}`,
  ].join('\n')
}

/** The first that failed of each invariant. */
function differing(failed: readonly WorldSummary[]): WorldSummary[] {
  const byInvariant = Map.groupBy(failed, ({ problems: [problem = ''] }) => invariantOf(problem))
  return [...byInvariant.values()].flatMap(([first]) => first ?? []).slice(0, STORIES_MAX)
}
