import { expect, it } from 'vitest'
import { Chance } from '../machine/chance.ts'
import { asItIs, clearedAway, explainAll, type Trial } from './explain-truth.ts'
import type { Explained, Obstacle } from './explained.ts'
import type { Fork } from './fork.ts'
import { emptyFork, poolWithRuns } from './small-world.ts'
import { momentOf } from './starts.ts'

const chance = new Chance('explain')

/** The second of two runs for one slot, what explain says of it, and the fork after a look. */
async function trialOf(type: 'ecs:push' | 'process', change: (fork: Fork) => Promise<unknown> = async () => {}) {
  const fork = emptyFork()
  const { ids } = await poolWithRuns(fork, type, 2)
  await fork.tick()
  if (type === 'process') await fork.call('setFlowRunState', { id: ids[0] ?? '' }, { state: { type: 'PENDING' } })
  await change(fork)
  const moment = momentOf(fork)
  const run = [...moment.picture.runs.values()].find(({ id }) => id === ids[1])
  if (!run) throw new Error('no second run')
  const { trials, problems } = await explainAll(fork, [run], moment)
  const ticked = fork.fork()
  await ticked.tick()
  return { trial: trials[0] as Trial, problems, looked: { fork: ticked, moment: momentOf(ticked) } }
}

const saying = ({ said, ...trial }: Trial, change: Partial<Explained>): Trial => ({
  ...trial,
  said: { ...said, ...change },
})

it.each(['ecs:push', 'process'] as const)(
  'finds nothing wrong with what is said of a run in a pool of type %s',
  async (type) => {
    const { trial, problems, looked } = await trialOf(type)
    expect(trial.said.obstacles.map(({ reason }) => reason)).toEqual(['full'])
    expect([...problems, ...(await asItIs(trial, looked)), ...(await clearedAway(trial, chance))]).toEqual([])
  },
)

it.each(['ecs:push', 'process'] as const)('finds an obstacle that is not named, in a pool of type %s', async (type) => {
  const { trial, looked } = await trialOf(type, (fork) =>
    fork.call('updateWorkQueue', { pool: 'pool', queue: 'default' }, { is_paused: true }),
  )
  expect(trial.said.obstacles).toHaveLength(2)
  const half = saying(trial, { obstacles: trial.said.obstacles.slice(0, 1) })
  expect(await clearedAway(half, chance)).toEqual([expect.stringContaining('does not start without all')])
  expect(await asItIs(saying(trial, { obstacles: [] }), looked)).toEqual([expect.stringContaining('is next')])
})

it('finds an obstacle that is none', async () => {
  const { trial, looked } = await trialOf('ecs:push', (fork) =>
    fork.call('updateWorkPool', { name: 'pool' }, { concurrency_limit: 2 }),
  )
  expect([trial.said.obstacles, await asItIs(trial, looked)]).toEqual([[], []])
  const limit = { kind: 'pool' as const, id: trial.run.poolId ?? '', limit: 2, active: 1 }
  const paused: Obstacle = { reason: 'paused', limit, runs_ahead: 0 }
  const full: Obstacle = { reason: 'full', limit, runs_ahead: 0 }
  expect(await asItIs(saying(trial, { obstacles: [paused] }), looked)).toEqual([expect.stringContaining('in spite of')])
  expect(await clearedAway(saying(trial, { obstacles: [paused, full] }), chance)).toEqual([
    expect.stringContaining('is left of'),
  ])
})

it('finds a run that is said to end and does not', async () => {
  const { trial } = await trialOf('ecs:push')
  const gone: Obstacle = { reason: 'deployment_deleted', limit: null, runs_ahead: null }
  expect(await clearedAway(saying(trial, { obstacles: [gone] }), chance)).toEqual([
    expect.stringContaining('still waits'),
  ])
})

it('finds figures that are wrong', async () => {
  const { trial } = await trialOf('ecs:push')
  const [full] = trial.said.obstacles
  if (!full?.limit) throw new Error('no limit')
  const wrong = { ...full, limit: { ...full.limit, active: 0 }, runs_ahead: 5 }
  const lying = Object.assign(Object.create(trial.fork) as Fork, {
    call: async () => ({ status: 200, body: { ...trial.said, obstacles: [wrong] } }),
  })
  const { problems } = await explainAll(
    Object.assign(lying, {
      call: async (name: string) => ({
        status: 200,
        body: name === 'explainFlowRuns' ? [trial.said] : { ...trial.said, obstacles: [wrong] },
      }),
    }),
    [trial.run],
    trial.moment,
  )
  expect(problems).toEqual([
    expect.stringContaining('alone, and among others'),
    expect.stringContaining('says 0 of 1'),
    expect.stringContaining('counts 5 ahead'),
  ])
})
