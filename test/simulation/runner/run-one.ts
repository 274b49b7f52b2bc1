import { profileOf } from '../machine/profile.ts'
import { planOf, type Report, type Selection, simulateWorld } from '../simulate-world.ts'
import { replayCommand } from '../story/replay-command.ts'
import { shrink } from '../story/shrink.ts'
import { tellStory } from '../story/tell-story.ts'
import { profileOfName } from './job.ts'
import type { Options } from './options.ts'
import { selectionOf } from './select.ts'
import { openEngineWorlds } from './simulate-on-engine.ts'
import { Totals } from './totals.ts'
import { summarize } from './world-summary.ts'

type Simulate = typeof simulateWorld

/** Runs the world of one seed and tells what happened in it; resolves to whether all was well. */
export async function runOne(seed: number, options: Options): Promise<boolean> {
  const { engine, json, quiet, selection } = options
  const profile = profileOfName(options.profile ?? profileOf(seed).name)
  const worlds = engine ? await openEngineWorlds() : undefined
  const simulate: Simulate = worlds ? (of) => worlds.simulate(of) : simulateWorld
  const start = performance.now()
  const only = selectionOf(selection, planOf(seed, profile))
  const report = await simulate({ seed, profile, only })
  const seconds = (performance.now() - start) / 1_000
  const totals = new Totals()
  totals.add(summarize(report))
  const failed = report.problems.length > 0
  if (json) console.log(JSON.stringify(totals.toJson(seconds), null, 2))
  else {
    if (!quiet || failed) console.log(tellStory(report))
    for (const problem of report.problems) console.log(`  ${problem}`)
    const whole = Object.values(only).every((part) => part === undefined)
    if (failed && whole) await tellShortest(report, simulate, options)
    console.log(totals.line(seconds))
  }
  await worlds?.close()
  return !failed
}

/** Runs a world that failed once more, and tells the shortest story of it that can be found. */
export async function explain({ seed, profile }: { seed: number; profile: string }, options: Options): Promise<void> {
  if (options.shrinkSeconds === 0) return
  const report = await simulateWorld({ seed, profile: profileOfName(profile) })
  if (report.problems.length === 0) console.log(`Seed ${seed} does not fail again: the world is not deterministic.`)
  else await tellShortest(report, simulateWorld, options)
}

async function tellShortest(whole: Report, simulate: Simulate, { shrinkSeconds, engine }: Options): Promise<void> {
  if (shrinkSeconds === 0) return
  const { seed, profile: name } = whole
  const end = performance.now() + shrinkSeconds * 1_000
  const over = () => performance.now() > end
  const { only, report, tried } = await shrink({ seed, profile: profileOfName(name), simulate, whole, over })
  console.log(
    [
      '',
      `The shortest story found, in ${tried} worlds: ${sizeOf(report)}, of ${sizeOf(whole)}.`,
      tellStory(report),
      `  replay: ${replayCommand({ seed, profile: name, engine, only: onlyWhatStruck(only, report) })}`,
      '',
    ].join('\n'),
  )
}

function sizeOf({ acts, steps }: Report): string {
  return `${acts.length} acts and ${steps.filter(({ fault }) => fault).length} faults at calls`
}

/** No strikes need to be named where all that are left happened to be all there are. */
function onlyWhatStruck(only: Selection, { steps }: Report): Selection {
  return only.strikes && steps.every(({ fault }) => !fault) ? { ...only, strikes: new Set() } : only
}
