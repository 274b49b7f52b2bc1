import { describe, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { rejoinLine } from '#shared/engine/flow-run/rejoin-line.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { DEPLOYMENT_DELETED } from '#shared/flow-run/messages.ts'
import { idFromName } from '#shared/ids.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { getQueueNamed } from '#shared/storage/work-queue/get-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, runIn } from '../../support/fixtures/a-run.ts'
import { commandDeployment } from '../../support/fixtures/fixtures.ts'
import { pullForEachTest } from '../../support/pull-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let queue: WorkQueue
let deployment: Deployment
/** A run that has ended, and as it would wait again. */
let ended: FlowRun
let next: FlowRun
pullForEachTest((work) => {
  ;({ world, pool, queue, deployment } = work)
  const place = { poolId: pool.id, queueId: queue.id, deploymentId: deployment.id }
  ended = runIn('FAILED', place)
  next = aRun(place)
})

const rejoined = (change: Partial<FlowRun> = {}, deps: Deps = world) => rejoinLine(deps, ended, { ...next, ...change })
const held = () => runIn('RUNNING', { poolId: pool.id, queueId: queue.id, deploymentId: deployment.id })
/** The world, and how often it is called. */
function watched(): { deps: Deps; calls: string[] } {
  const calls: string[] = []
  const deps = withInterceptor(world, async ({ name }, go) => {
    calls.push(name)
    return await go()
  })
  return { deps, calls }
}

it('a run that waits already, or will not wait, is left as it is without a read', async () => {
  const { deps, calls } = watched()
  expect(await rejoinLine(deps, next, next)).toBe(next)
  expect(await rejoinLine(deps, next, ended)).toBe(ended)
  expect(await rejoinLine(deps, held(), ended)).toBe(ended)
  expect(calls).toEqual([])
})

it('one whose deployment is gone stays as it is, and is cancelled where it is held', async () => {
  const deploymentId = idFromName('gone')
  expect(await rejoined({ deploymentId })).toBe(DEPLOYMENT_DELETED)
  const cancelled = await rejoinLine(world, held(), { ...next, deploymentId })
  expect(cancelled).toMatchObject({ state: { type: 'CANCELLED', message: DEPLOYMENT_DELETED } })
})

it('one that is held keeps its place, which is not read, and so does one in no queue', async () => {
  const { deps, calls } = watched()
  expect(await rejoinLine(deps, held(), next)).toBe(next)
  const nowhere = { ...next, deploymentId: null }
  for (const place of [{ poolId: null }, { queueId: null }]) {
    const lost = { ...nowhere, ...place }
    expect(await rejoinLine(deps, ended, lost)).toBe(lost)
  }
  expect(calls).toEqual(['dynamodb GetItemCommand'])
})

it('one whose queue is open waits there', async () => {
  expect(await rejoined()).toEqual(next)
})

describe('a run whose place is gone', () => {
  it('stays as it is without its pool, by whose name it says so for as long as that is known', async () => {
    await deleteWorkPool(world, 'pull')
    expect(await rejoined()).toBe("Work pool 'pull' of the run was deleted.")
    expect(await rejoined({ poolId: idFromName('none') })).toBe('Work pool of the run was deleted.')
  })

  it('stays as it is while its queue or pool is being deleted', async () => {
    const now = world.clock.now()
    await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', ...queue }, now)
    expect(await rejoined()).toBe('The work queue of the run is being deleted.')
    await markDeleting(world.table, poolLimit(pool.id), { kind: 'pool', ...pool }, now)
    expect(await rejoined()).toBe("Work pool 'pull' of the run is being deleted.")
  })

  it('gets the queue again that its deployment names, or waits in the default one', async () => {
    await deleteWorkQueue(world, queue)
    expect(await rejoined()).toEqual(next)
    expect((await getQueueNamed(world.table, pool.id, 'work'))?.id).toBe(queue.id)
    const elsewhere = idFromName('another queue')
    expect(await rejoined({ queueId: elsewhere })).toMatchObject({ queueId: pool.defaultQueueId })
    expect(await rejoined({ deploymentId: null, queueId: elsewhere })).toMatchObject({ queueId: pool.defaultQueueId })
  })

  it('waits in the default queue where its deployment does not know the name of its own', async () => {
    const unnamed = await commandDeployment(world, { pool, name: 'unnamed', queueId: idFromName('nameless') })
    const run = { deploymentId: unnamed.id, queueId: idFromName('nameless') }
    expect(await rejoined(run)).toMatchObject({ queueId: pool.defaultQueueId })
  })

  it('learns when the pool is deleted at the same time, and raises what is no answer', async () => {
    await updateDeployment(world, deployment.id, { queueName: 'work' })
    await deleteWorkQueue(world, queue)
    const during = (act: () => Promise<unknown>) => {
      let reads = 0
      return withInterceptor(world, async ({ name }, go) => {
        if (/BatchGet/.test(name)) reads += 1
        const found = await go()
        if (/BatchGet/.test(name) && reads === 1) await act()
        return found
      })
    }
    const broken = during(() => Promise.resolve())
    const failing = withInterceptor(broken, async ({ name }, go) => {
      if (name === 'dynamodb TransactWriteItemsCommand') throw new Error('no writes today')
      return await go()
    })
    await expect(rejoined({}, failing)).rejects.toThrow('no writes today')
    const deleted = during(async () => await deleteWorkPool(world, 'pull'))
    expect(await rejoined({}, deleted)).toBe("Work pool 'pull' not found.")
  })
})
