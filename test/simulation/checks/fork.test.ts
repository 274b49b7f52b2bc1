import { expect, it } from 'vitest'
import { emptyFork, poolWithRuns } from './small-world.ts'

const stateOf = async (fork: ReturnType<typeof emptyFork>, id: string | undefined) =>
  (await fork.call('getFlowRun', { id: id ?? '' })).body.state_type as string

it('looks ahead, of which the world that it was made of sees nothing', async () => {
  const world = emptyFork()
  const { ids } = await poolWithRuns(world, 'ecs:push', 2)
  const fork = world.fork()
  await fork.tick()
  expect(await Promise.all(ids.map((id) => stateOf(fork, id)))).toEqual(['PENDING', 'SCHEDULED'])
  expect(fork.ecs.started).toHaveLength(1)
  expect(await Promise.all(ids.map((id) => stateOf(world, id)))).toEqual(['SCHEDULED', 'SCHEDULED'])
  expect(world.ecs.started).toHaveLength(0)
})

it('delivers the wake-ups of its own calls, and no others', async () => {
  const world = emptyFork()
  const { ids } = await poolWithRuns(world, 'ecs:push', 1)
  const fork = world.fork()
  await fork.deliver()
  expect(await stateOf(fork, ids[0])).toBe('SCHEDULED')
  await fork.call('updateWorkPool', { name: 'pool' }, { concurrency_limit: 2 })
  await fork.deliver()
  expect(await stateOf(fork, ids[0])).toBe('PENDING')
})

it('sees what an index of the world does not show yet', async () => {
  const world = emptyFork()
  world.table.holdsBack = () => true
  await poolWithRuns(world, 'ecs:push', 1)
  expect((await world.call('countFlowRuns', {})).body).toBe(0)
  expect((await world.fork().call('countFlowRuns', {})).body).toBe(1)
})

it('has a time of its own, in which nothing falls due by itself', async () => {
  const world = emptyFork()
  const fork = world.fork()
  fork.pass(60)
  expect(fork.clock.at - world.clock.at).toBe(60_000_000)
})
