import { afterAll, beforeAll, expect, it } from 'vitest'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { updateFlowRun } from '#shared/engine/flow-run/update-flow-run.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { answerLost, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { createRuns, pushPool, readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let waiting: FlowRun[]
beforeAll(async () => {
  world = await openWorld()
  waiting = await createRuns(world, (await pushPool(world, { name: 'claims', queueLimit: 10 })).deployment, 5)
})
afterAll(() => world.close())

const nextRun = () => {
  const run = waiting.pop()
  if (!run) throw new Error('no run left')
  return run
}

it('a claim returns the run as it is stored', async () => {
  const { id } = nextRun()
  const { verdict, run } = await setState(world, id, {
    type: 'PENDING',
    message: 'mine',
    details: { transitionId: 't' },
  })
  expect(verdict.status).toBe('ACCEPT')
  expect(run).toEqual(await readRun(world, id))
})

it('a claim whose response was lost returns the run as it is stored', async () => {
  const { id } = nextRun()
  const faulty = withInterceptor(world, async (call, go) => {
    const answer = await go()
    if (call.name === 'dynamodb TransactWriteItemsCommand') throw answerLost(call.name)
    return answer
  })
  const { verdict, run } = await setState(faulty, id, { type: 'PENDING' })
  expect(verdict.status).toBe('ACCEPT')
  expect(run).toEqual(await readRun(world, id))
})

it('a claim of a run that changes concurrently returns the change', async () => {
  const { id } = nextRun()
  let changes = 0
  const crossed = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb TransactWriteItemsCommand' && changes === 0) {
      changes += 1
      await updateFlowRun(world, id, { details: { tags: ['changed'] }, policy: {} })
    }
    return await go()
  })
  const { run } = await setState(crossed, id, { type: 'PENDING' })
  expect(run).toEqual(await readRun(world, id))
  expect(run).toMatchObject({ details: { tags: ['changed'] }, state: { type: 'PENDING' }, generation: 1 })
})

it('a claim that never reached the table is not taken for one', async () => {
  const { id } = nextRun()
  const faulty = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb TransactWriteItemsCommand') throw answerLost(call.name)
    return await go()
  })
  await expect(setState(faulty, id, { type: 'PENDING' })).rejects.toThrow('no answer')
  expect(await readRun(world, id)).toMatchObject({ state: { type: 'SCHEDULED' }, claim: null })
})

it("a claim that was carried out twice, its first answer being lost, is the client's", async () => {
  const { id } = nextRun()
  const repeated = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb TransactWriteItemsCommand') await go()
    return await go()
  })
  expect((await setState(repeated, id, { type: 'PENDING' })).verdict.status).toBe('ACCEPT')
  expect(await readRun(world, id)).toMatchObject({ state: { type: 'PENDING' }, generation: 1 })
})
