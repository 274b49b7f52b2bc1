import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { finishDeletions } from '#shared/engine/sweep/finish-deletions.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { recordWorkerHeartbeat } from '#shared/engine/work-pool/record-worker-heartbeat.ts'
import { requireQueue } from '#shared/engine/work-pool/require-queue.ts'
import type { DomainError } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { listWorkers } from '#shared/storage/work-pool/list-workers.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { commandDeployment, createRuns, readLimit, readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world.close())

let made = 0

/** A pool with a queue, a worker, a held run and one that waits. */
async function busyPool(name: string) {
  const pool = await createWorkPool(world, { name, type: 'process', concurrencyLimit: 1 })
  const queue = await createWorkQueue(world, name, { name: 'q', concurrencyLimit: 1 })
  await recordWorkerHeartbeat(world, name, { name: 'w', intervalSeconds: null })
  const deployment = await commandDeployment(world, { pool, queueId: queue.id })
  const [held, waiting] = await createRuns(world, deployment, 2)
  if (!held || !waiting) throw new Error('no runs')
  await setState(world, held.id, { type: 'PENDING' })
  return { pool, queue, deployment, held, waiting }
}

/** Deps of a request that stalls before its n-th call, while something else happens. */
function stalling(at: number, meanwhile: () => Promise<void>): { deps: Deps; stalled: () => boolean } {
  let stalled = false
  const deps = withInterceptor(world, async ({ index }, go) => {
    if (index === at && !stalled) {
      stalled = true
      await meanwhile()
    }
    return await go()
  })
  return { deps, stalled: () => stalled }
}

/** What is there of a busy pool; all of it, if nothing was taken. */
async function seen({ pool, queue, held, waiting }: Awaited<ReturnType<typeof busyPool>>) {
  const limits = [await readLimit(world, poolLimit(pool.id)), await readLimit(world, queueLimit(queue.id))]
  return {
    sameLife: (await getPool(world.table, pool.id))?.life === pool.life,
    queues: (await listQueues(world.table, pool.id)).map(({ name }) => name).toSorted(),
    workers: (await listWorkers(world.table, pool.id)).length,
    limits: limits.map(({ active, limit, deleting }) => ({ active, limit, deleting })),
    states: [(await readRun(world, held.id)).state.type, (await readRun(world, waiting.id)).state.type],
  }
}

const UNTOUCHED = {
  sameLife: true,
  queues: ['default', 'q'],
  workers: 1,
  limits: [
    { active: 1, limit: 1, deleting: false },
    { active: 1, limit: 1, deleting: false },
  ],
  states: ['PENDING', 'SCHEDULED'],
}

describe('a deletion that stalls at any of its calls while another one finishes and the thing is created again', () => {
  it('leaves the new pool alone, with its queues, workers, limits and runs', async () => {
    // From the second call on: the first one finds what is meant.
    for (let at = 1; ; at += 1) {
      made += 1
      const name = `pool-${made}`
      const former = await createWorkPool(world, { name, type: 'process' })
      await createRuns(world, await commandDeployment(world, { pool: former }), 1)
      let next: Awaited<ReturnType<typeof busyPool>> | undefined
      const { deps, stalled } = stalling(at, async () => {
        if (await getPool(world.table, former.id)) await deleteWorkPool(world, name)
        next = await busyPool(name)
      })
      await deleteWorkPool(deps, name).catch(() => undefined)
      if (!stalled() || !next) return
      expect(await seen(next)).toEqual(UNTOUCHED)
      world.clock.pass(60)
      await finishDeletions(world)
      expect(await seen(next)).toEqual(UNTOUCHED)
    }
  })

  it('leaves the new queue alone, with its limit and runs', async () => {
    for (let at = 0; ; at += 1) {
      made += 1
      const name = `pool-${made}`
      const pool = await createWorkPool(world, { name, type: 'process' })
      const former = await createWorkQueue(world, name, { name: 'q' })
      const deployment = await commandDeployment(world, { pool, queueId: former.id })
      await createRuns(world, deployment, 1)
      let waiting: string | undefined
      const { deps, stalled } = stalling(at, async () => {
        await deleteWorkQueue(world, former).catch(() => undefined)
        await createWorkQueue(world, name, { name: 'q', concurrencyLimit: 3 })
        waiting = (await createRuns(world, deployment, 1))[0]?.id
      })
      await deleteWorkQueue(deps, former).catch(() => undefined)
      if (!stalled() || !waiting) return
      world.clock.pass(60)
      await finishDeletions(world)
      expect((await requireQueue(world, name, 'q')).life).not.toBe(former.life)
      expect(await readLimit(world, queueLimit(former.id))).toMatchObject({ limit: 3, deleting: false })
      expect((await readRun(world, waiting)).state.type).toBe('SCHEDULED')
    }
  })

  it('leaves the new deployment alone, with its runs', async () => {
    const pool = await createWorkPool(world, { name: 'deployments', type: 'process' })
    for (let at = 1; ; at += 1) {
      made += 1
      const create = () => commandDeployment(world, { pool, name: `d-${made}` })
      const former = await create()
      await createRuns(world, former, 1)
      let waiting: string | undefined
      const { deps, stalled } = stalling(at, async () => {
        if (await getDeployment(world.table, former.id)) await deleteDeployment(world, former.id)
        waiting = (await createRuns(world, await create(), 1))[0]?.id
      })
      await deleteDeployment(deps, former.id).catch(() => undefined)
      if (!stalled() || !waiting) return
      world.clock.pass(60)
      await finishDeletions(world)
      expect(await getDeployment(world.table, former.id)).toMatchObject({ deleting: false })
      expect((await readRun(world, waiting)).state.type).toBe('SCHEDULED')
    }
  })
})

describe('a run that is created while its deployment is deleted', () => {
  const stateLater = async (run: FlowRun) => {
    world.clock.pass(60)
    await finishDeletions(world)
    return (await readRun(world, run.id)).state.type
  }

  it('is refused, or ended with the others, at whatever call the deletion is', async () => {
    const pool = await createWorkPool(world, { name: 'p', type: 'process' })
    const outcomes = new Set<string>()
    for (let at = 0, goesOn = true; goesOn; at += 1) {
      const deployment = await commandDeployment(world, { pool, name: `d-${at}` })
      const create = async () => {
        const [run] = await createRuns(world, deployment, 1)
        return run
      }
      let created: FlowRun | undefined
      const { deps, stalled } = stalling(at, async () => {
        created = await create().catch((error: DomainError) => void outcomes.add(error.code))
      })
      await deleteDeployment(deps, deployment.id)
      if (created) outcomes.add(await stateLater(created))
      goesOn = stalled()
    }
    expect([...outcomes].toSorted()).toEqual(['CANCELLED', 'being_deleted'])
  })

  it('is ended, too, when it was decided before and is written after', async () => {
    const pool = await createWorkPool(world, { name: 'p', type: 'process' })
    const outcomes = new Set<string>()
    for (let at = 0, goesOn = true; goesOn; at += 1) {
      const deployment = await commandDeployment(world, { pool, name: `d-${at}` })
      const { deps, stalled } = stalling(at, () => deleteDeployment(world, deployment.id))
      const [created] = await createRuns(deps, deployment, 1).catch((error: DomainError) => {
        outcomes.add(error.code)
        return []
      })
      goesOn = stalled()
      if (created && goesOn) outcomes.add(await stateLater(created))
    }
    expect([...outcomes].toSorted()).toEqual(['CANCELLED', 'not_found'])
  })
})
