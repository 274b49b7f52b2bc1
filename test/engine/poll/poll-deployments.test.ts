import { beforeEach, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { saveDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { pollDeployments } from '#shared/engine/poll/poll-deployments.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { inSeconds, readRun } from '../../support/fixtures/fixtures.ts'
import { setLimit } from '../../support/fixtures/put-limits.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
stageForEachTest((stage) => {
  world = stage.world
})

let flowId: string
let limited: Deployment
let free: Deployment
beforeEach(async () => {
  flowId = (await ensureFlow(world, { name: 'f', tags: [], labels: {} })).flow.id
  limited = await served('limited', 1)
  free = await served('free')
})

/** A deployment without a pool, which a process serves by itself. */
async function served(name: string, concurrencyLimit?: number): Promise<Deployment> {
  return (await saveDeployment(world, { flowId, name, change: { concurrencyLimit }, schedules: [] })).deployment
}

async function runOf({ id }: Deployment, dueInSeconds: number): Promise<string> {
  const state = { type: 'SCHEDULED', details: { scheduledTime: inSeconds(world, dueInSeconds) } } as const
  return (await createFlowRun(world, { flowId, deploymentId: id, state })).run.id
}

/** Runs of the deployment with the limit, which wait for the only slot. */
async function blockedRuns(dues: readonly number[]): Promise<{ holder: string; blocked: string[] }> {
  const holder = await runOf(limited, -100)
  await setState(world, holder, { type: 'PENDING' })
  const blocked: string[] = []
  for (const due of dues) blocked.push(await runOf(limited, due))
  for (const id of blocked) {
    await setState(world, id, { type: 'PENDING' })
    expect((await readRun(world, id)).blockedBy).toBe(deploymentLimit(limited.id))
  }
  return { holder, blocked }
}

const polled = async (limit = 10, scheduledBefore?: number): Promise<string[]> => {
  const deploymentIds = [limited.id, free.id]
  return (await pollDeployments(world, { deploymentIds, scheduledBefore, limit })).map(({ id }) => id)
}

it('runs of all deployments are offered by their due time, and no more than are wanted', async () => {
  const second = await runOf(limited, -20)
  const fourth = await runOf(free, -5)
  const first = await runOf(free, -30)
  const third = await runOf(limited, -10)
  expect(await polled()).toEqual([first, second, third, fourth])
  expect(await polled(3)).toEqual([first, second, third])
  expect(await polled(0)).toEqual([])
})

it('a deployment that is named twice fills no other places of an answer', async () => {
  const runs = [await runOf(free, -2), await runOf(free, -1)]
  const found = await pollDeployments(world, { deploymentIds: [free.id, free.id], limit: 2 })
  expect(found.map(({ id }) => id)).toEqual(runs)
})

it('runs that wait for the limit of their deployment are offered once it has room, and not before', async () => {
  const { holder, blocked } = await blockedRuns([-20])
  const other = await runOf(free, -5)
  expect(await polled()).toEqual([other])
  await setState(world, holder, { type: 'COMPLETED' })
  expect(await polled()).toEqual([...blocked, other])
  expect(await polled(1)).toEqual(blocked)
})

it('the ready ones of such a deployment are offered with those that waited, none before its time', async () => {
  const { blocked } = await blockedRuns([-20, 50])
  const ready = await runOf(limited, -10)
  await setLimit(world.table, deploymentLimit(limited.id), null)
  expect(await polled(10, inSeconds(world, 30))).toEqual([blocked[0], ready])
  expect(await polled()).toEqual([blocked[0], ready, blocked[1]])
})

it('a poll that can not be recorded is answered all the same, and logged', async () => {
  const run = await runOf(free, -1)
  const faulty = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb UpdateItemCommand') throw new Error('no writes today')
    return await go()
  })
  const found = await pollDeployments(faulty, { deploymentIds: [free.id], limit: 1 })
  expect(found.map(({ id }) => id)).toEqual([run])
  expect(world.logged).toContainEqual({
    level: 'warn',
    message: 'poll not recorded',
    fields: { deployments: 1, reason: 'Error: no writes today' },
  })
})
