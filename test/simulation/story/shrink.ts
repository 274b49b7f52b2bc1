import { type Profile, profileOf } from '../machine/profile.ts'
import { type Report, type Selection, type SimulateOptions, strikeOf } from '../simulate-world.ts'
import { kindsOf } from './fault-kinds.ts'
import { minimize } from './minimize.ts'

/** The shortest story found of a world in which something was wrong. */
export interface Shrunk {
  only: Selection
  report: Report
  /** How many worlds were tried. */
  tried: number
}

export interface ShrinkOptions {
  seed: number
  profile?: Profile | undefined
  simulate: (options: SimulateOptions) => Promise<Report>
  /** The report of the whole world. */
  whole: Report
  /** Whether the time for it is over. */
  over: () => boolean
}

/** The invariant of a problem: `I3`. */
export const invariantOf = (problem: string): string => /^I\d+/.exec(problem)?.[0] ?? problem.slice(0, 20)

/**
 * Looks for the fewest acts, then kinds of faults, then single faults at calls with which the same invariant is still
 * broken.
 */
export async function shrink({
  seed,
  profile = profileOf(seed),
  simulate,
  whole,
  over,
}: ShrinkOptions): Promise<Shrunk> {
  const invariant = invariantOf(whole.problems[0] ?? '')
  let best: Shrunk = { only: {}, report: whole, tried: 0 }
  let tried = 0
  const fails = async (only: Selection): Promise<boolean> => {
    tried += 1
    const report = await simulate({ seed, profile, only })
    if (invariantOf(report.problems[0] ?? '') !== invariant) return false
    best = { only, report, tried }
    return true
  }
  const part = async (name: keyof Selection, all: readonly string[]) => {
    const { only } = best
    await minimize(all, (some) => fails({ ...only, [name]: new Set(some) }), over)
  }
  await part(
    'acts',
    whole.acts.map(({ name }) => name),
  )
  await part('kinds', kindsOf(profile))
  await part('strikes', strikesOf(best.report))
  await part(
    'acts',
    best.report.acts.map(({ name }) => name),
  )
  return { ...best, tried }
}

/** The single faults at calls of a world. */
function strikesOf({ steps }: Report): string[] {
  return steps.flatMap(({ process, number, fault }) => (fault ? [strikeOf(process, number)] : []))
}
