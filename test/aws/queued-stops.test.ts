import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { QueuedStops } from '#shared/aws/queued-stops.ts'
import type { Deps } from '#shared/deps.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { createRuns, NO_DEADLINE, pushPool, readRun } from '../support/fixtures/fixtures.ts'
import { receiveAll, sqsEvent, useSqs } from '../support/sqs.ts'
import { openWorld, type World } from '../support/world.ts'

const openQueue = useSqs()
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('a function without permissions for ECS', () => {
  it("leaves stopping a cancelled run's ECS task to the dispatcher", async () => {
    const { pool, deployment } = await pushPool(world)
    const [run] = await createRuns(world, deployment, 1)
    const runId = run?.id ?? ''
    await dispatchPool(world, pool.id, NO_DEADLINE)
    const queue = await openQueue()
    const apiDeps: Deps = { ...world, tasks: new QueuedStops(queue) }

    await setState(apiDeps, runId, { type: 'CANCELLING', message: 'Not needed any more.' })
    expect(world.tasks.stopped).toEqual([])
    await createDispatcher(world)(sqsEvent(await receiveAll(queue)))

    const { launch } = await readRun(world, runId)
    expect(world.tasks.stopped).toEqual([{ taskArn: launch?.taskArn, reason: 'Not needed any more.' }])
  })

  it('throws on any other call', async () => {
    const tasks = new QueuedStops(await openQueue())
    await expect(tasks.run()).rejects.toThrow("can't start tasks")
    await expect(tasks.describe()).rejects.toThrow("can't describe tasks")
    await expect(tasks.listStartedBy()).rejects.toThrow("can't list tasks")
  })
})

describe('the dispatcher', () => {
  const order = (taskArn: string) => JSON.stringify({ stop: { taskArn, reason: 'because' } })

  it('receives a failed stop again, and only that one', async () => {
    const stop = (taskArn: string) => (taskArn === 'bad' ? Promise.reject(new Error('no answer')) : Promise.resolve())
    const deps: Deps = { ...world, tasks: Object.assign(Object.create(world.tasks) as World['tasks'], { stop }) }
    const answer = await createDispatcher(deps)(sqsEvent([order('good'), order('bad'), 'nonsense', '{"stop":{}}']))
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] })
  })
})
