import { expect, it } from 'vitest'
import type { Profile } from '../machine/profile.ts'
import { profileOfName } from '../runner/job.ts'
import { parseOptions } from '../runner/options.ts'
import { selectionOf } from '../runner/select.ts'
import { planOf, type Report, type SimulateOptions, simulateWorld } from '../simulate-world.ts'
import { minimize } from './minimize.ts'
import { replayCommand } from './replay-command.ts'
import { shrink } from './shrink.ts'
import { tellStory } from './tell-story.ts'

const SEEDS_MAX = 40
const PROFILE = 'unknown outcomes'

/** A check that is wrong: it takes it for a problem when the answer to a created run is lost. */
async function simulateDoctored(options: SimulateOptions): Promise<Report> {
  const report = await simulateWorld(options)
  const lost = report.steps.some(
    ({ verb, call, fault }) => verb === 'createFlowRunFromDeployment' && call === 'PutItem' && fault === 'answer lost',
  )
  return { ...report, problems: lost ? ['I99 an answer was lost'] : [] }
}

it('finds the fewest acts and faults with which a world still fails, and a command that replays them', async () => {
  const profile = profileOfName(PROFILE)
  const whole = await firstToFail(profile)
  const { only, report } = await shrink({
    seed: whole.seed,
    profile,
    simulate: simulateDoctored,
    whole,
    over: () => false,
  })
  expect(report.problems).toEqual(whole.problems)
  // Beside the act that fails there may be one without which its faults would strike other calls.
  expect(report.acts.length).toBeLessThanOrEqual(2)
  // Where it is a second try whose answer is lost, the first has to fail.
  const faults = report.steps.flatMap(({ fault }) => fault ?? [])
  expect(faults.length).toBeLessThanOrEqual(2)
  expect(faults.at(-1)).toBe('answer lost')
  const story = tellStory(report)
  expect(story).toMatch(/createFlowRunFromDeployment.*\n.*PutItem, is made, and its answer is lost/)
  expect(story).toContain('WRONG: I99')

  const command = replayCommand({ seed: whole.seed, profile: PROFILE, only })
  const { seed, selection } = parseOptions(wordsOf(command).slice(4))
  const replayed = await simulateDoctored({
    seed: Number(seed),
    profile,
    only: selectionOf(selection, planOf(whole.seed, profile)),
  })
  expect(replayed.steps).toEqual(report.steps)
  expect(replayed.problems).toEqual(whole.problems)
})

it('keeps what it has when the time is over', async () => {
  const all = [1, 2, 3, 4]
  let looks = 0
  const over = () => looks >= 3
  const left = await minimize(
    all,
    (some) => {
      looks += 1
      return Promise.resolve(some.includes(3))
    },
    over,
  )
  expect(left).toContain(3)
  expect(looks).toBe(3)
})

it.each([
  { all: [1, 2, 3, 4, 5, 6, 7, 8], needed: [3] },
  { all: [1, 2, 3, 4, 5, 6, 7, 8], needed: [1, 8] },
  { all: [1, 2, 3], needed: [1, 2, 3] },
  { all: [1, 2, 3], needed: [] },
])('reduces $all to $needed', async ({ all, needed }) => {
  const passes = (some: readonly number[]) => Promise.resolve(needed.every((each) => some.includes(each)))
  expect(await minimize(all, passes, () => false)).toEqual(needed)
})

/** A world in which the check finds something. */
async function firstToFail(profile: Profile): Promise<Report> {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const report = await simulateDoctored({ seed, profile })
    if (report.problems.length > 0) return report
  }
  throw new Error('no world fails')
}

/** The words of a command, as a shell reads them. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
