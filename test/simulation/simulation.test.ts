import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KNOWN_SEEDS } from './known-seeds.ts'
import { PROFILES, type Profile } from './machine/profile.ts'
import { profileOfName } from './runner/job.ts'
import { type EngineWorlds, openEngineWorlds } from './runner/simulate-on-engine.ts'
import { simulateWorld } from './simulate-world.ts'
import { replayCommand } from './story/replay-command.ts'

/** Of each profile; `npm run simulate` goes through many more. */
const SEEDS_EACH = 2
const ENGINE_SEEDS = [3, 4]

const worlds = PROFILES.flatMap((profile, at) =>
  Array.from({ length: SEEDS_EACH }, (_, n) => ({ seed: 1 + at + n * PROFILES.length, name: profile.name, profile })),
)

it.each(worlds)('what is promised holds in world $seed of the profile $name', async ({ seed, profile }) => {
  const { problems } = await simulateWorld({ seed, profile })
  expect({ problems, replay: replayCommand({ seed, profile: profile.name }) }).toMatchObject({ problems: [] })
})

it.each(KNOWN_SEEDS.map((known) => ({ ...known })))(
  'world $seed of the profile $profile: $story',
  async ({ seed, profile }) => {
    const { problems } = await simulateWorld({ seed, profile: profileOfName(profile) })
    expect({ problems, replay: replayCommand({ seed, profile }) }).toMatchObject({ problems: [] })
  },
)

it('takes the same steps each time that a seed is run', async () => {
  const profile = profileOfName('everything')
  const [first, second] = [await simulateWorld({ seed: 5, profile }), await simulateWorld({ seed: 5, profile })]
  expect(second.steps).toEqual(first.steps)
  expect(second.faults.incidents).toEqual(first.faults.incidents)
})

describe('on the real engine', () => {
  let engine: EngineWorlds
  beforeAll(async () => {
    engine = await openEngineWorlds()
  })
  afterAll(async () => {
    await engine.close()
  })

  it.each(ENGINE_SEEDS)('what is promised holds in world %i, and each answer is as in memory', async (seed) => {
    const profile = promptIndexes(profileOfName('everything'))
    const stored = await engine.simulate({ seed, profile })
    expect({ seed, problems: stored.problems }).toEqual({ seed, problems: [] })
    const { steps } = await simulateWorld({ seed, profile })
    expect(stored.steps).toEqual(steps)
  })
})

/** The engine's indexes never lag. */
function promptIndexes(profile: Profile): Profile {
  return { ...profile, indexLag: 0, partitionLag: 0, indexStalls: 0 }
}
