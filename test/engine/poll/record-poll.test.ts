import { expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { recordPoll } from '#shared/engine/poll/record-poll.ts'
import { addSeconds } from '#shared/instant.ts'
import { getPoolPoll } from '#shared/storage/work-pool/record-poll.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { POOL_ID, QUEUE_ID, T0 } from '../../support/fixtures/a-run.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
stageForEachTest((stage) => {
  world = stage.world
})

/** A process with a memory of its own, at a time; `writes` are those that it made. */
function processAt(seconds: number, fails = false): { deps: Deps; writes: string[] } {
  const writes: string[] = []
  const clock = { now: () => addSeconds(T0, seconds) }
  const deps = withInterceptor({ ...world, clock }, async ({ name }, go) => {
    if (!name.includes('Update')) return await go()
    if (fails) throw new Error('no writes today')
    writes.push(name)
    return await go()
  })
  return { deps, writes }
}

it('a poll of a whole pool is recorded every 15 seconds, whichever process it comes to', async () => {
  const write = async (seconds: number) => {
    const { deps, writes } = processAt(seconds)
    await recordPoll(deps, POOL_ID)
    return writes.length
  }
  expect(await write(0)).toBe(1)
  expect(await write(14)).toBe(0)
  expect(await getPoolPoll(world.table, POOL_ID)).toBe(T0)
  expect(await write(15)).toBe(1)
  expect(await getPoolPoll(world.table, POOL_ID)).toBe(addSeconds(T0, 15))
})

it('a process goes by the poll that it read or recorded last', async () => {
  await recordPoll(processAt(0).deps, POOL_ID)
  const { deps, writes } = processAt(10)
  const reads: string[] = []
  const watched = withInterceptor(deps, async ({ name }, go) => {
    if (name.includes('Get')) reads.push(name)
    return await go()
  })
  await recordPoll(watched, POOL_ID)
  await recordPoll(watched, POOL_ID)
  expect({ reads: reads.length, writes: writes.length }).toEqual({ reads: 1, writes: 0 })
})

it('a failure to record is logged, and raises nothing', async () => {
  await recordPoll(processAt(0, true).deps, POOL_ID)
  await recordPoll(processAt(0, true).deps, POOL_ID, [{ id: QUEUE_ID, lastPolled: null }])
  const expected = {
    level: 'warn',
    message: 'poll not recorded',
    fields: { poolId: POOL_ID, reason: 'Error: no writes today' },
  }
  expect(world.logged).toEqual([expected, expected])
})

it('of queues that are named, those are recorded whose last poll is 15 seconds old, or that had none', async () => {
  const { deps, writes } = processAt(15)
  const queues = [null, T0, addSeconds(T0, 1)].map((lastPolled) => ({ id: QUEUE_ID, lastPolled }))
  await recordPoll(deps, POOL_ID, queues)
  expect(writes).toHaveLength(2)
})
