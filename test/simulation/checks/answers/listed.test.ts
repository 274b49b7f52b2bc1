import { expect, it } from 'vitest'
import { Chance } from '../../machine/chance.ts'
import { emptyFork, poolWithRuns } from '../small-world.ts'
import { momentOf } from '../starts.ts'
import { listProblems } from './listed.ts'

const CHANCE = new Chance('lists')

it('finds every run where it should be', async () => {
  const fork = emptyFork()
  await poolWithRuns(fork, 'ecs:push', 3)
  await fork.tick()
  expect(await listProblems(fork, momentOf(fork), CHANCE)).toEqual([])
})

it('finds runs that lists and counts leave out', async () => {
  const fork = emptyFork()
  fork.table.holdsBack = ({ index }) => index === 'phase'
  await poolWithRuns(fork, 'ecs:push', 1)
  const problems = await listProblems(fork, momentOf(fork), CHANCE)
  expect(problems).toContainEqual('the count of SCHEDULED is 0, there are 1')
  expect(problems).toContainEqual(expect.stringContaining('is not in the list of SCHEDULED in pool'))
})

it('finds a holder that is not shown, and one that is no longer one', async () => {
  const fork = emptyFork()
  await poolWithRuns(fork, 'ecs:push', 2)
  const before = momentOf(fork)
  await fork.tick()
  fork.table.holdsBack = () => true
  const late = momentOf(fork)
  expect(await listProblems(fork, before, CHANCE)).toContainEqual(
    expect.stringContaining('among the holders of pool/default, and should not be'),
  )
  await fork.call('updateWorkPool', { name: 'pool' }, { concurrency_limit: 2 })
  await fork.tick()
  const problems = await listProblems(fork, momentOf(fork), CHANCE)
  expect(problems).toContainEqual(expect.stringContaining('is not among the holders of pool/default'))
  expect(late.picture.runs.size).toBe(2)
})
