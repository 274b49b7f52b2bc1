import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { idFromName } from '#shared/ids.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import {
  commandDeployment,
  createRuns,
  NO_DEADLINE,
  pushPool,
  readLimit,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const running = (transitionId: string) => ({ type: 'RUNNING', details: { transitionId } }) as const

it('a client that moves a waiting run straight to RUNNING claims it on the way, once', async () => {
  const { pool, queueId, deployment } = await pushPool(world, { name: 'straight', queueLimit: 1 })
  const [first, second] = await createRuns(world, deployment, 2)
  if (!first || !second) throw new Error('no runs')
  const { verdict, run } = await setState(world, first.id, running('a'))
  expect(verdict).toMatchObject({ status: 'ACCEPT', state: { type: 'RUNNING' } })
  expect(run).toMatchObject({ generation: 1, runCount: 1, claim: { by: { kind: 'client' } } })
  expect(run.history.map(({ type }) => type)).toEqual(['SCHEDULED', 'PENDING', 'RUNNING'])
  // The response is lost and the client retries.
  expect((await setState(world, first.id, running('a'))).verdict).toMatchObject({ status: 'REJECT', written: false })
  expect((await setState(world, second.id, running('b'))).verdict).toMatchObject({ status: 'ABORT' })
  await setState(world, first.id, { type: 'COMPLETED' })
  expect(await readLimit(world, queueLimit(queueId))).toMatchObject({ active: 0 })
  expect(await readLimit(world, poolLimit(pool.id))).toMatchObject({ active: 0 })
})

it('a flow started by hand gets as many tries as it configures, and no more', async () => {
  const { run } = await createFlowRun(world, {
    flowId: idFromName('flow', 'by hand'),
    state: { type: 'PENDING' },
    policy: { retries: 2, retryDelay: 0 },
  })
  const answers: string[] = []
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await setState(world, run.id, running(`run ${attempt}`))
    const { verdict } = await setState(world, run.id, { type: 'FAILED', details: { transitionId: `end ${attempt}` } })
    answers.push(verdict.status)
  }
  expect(answers).toEqual(['REJECT', 'REJECT', 'ACCEPT'])
  expect(await readRun(world, run.id)).toMatchObject({ state: { type: 'FAILED' }, runCount: 3 })
})

it('a rescheduled run leaves no ECS task behind', async () => {
  const { pool } = await pushPool(world, { name: 'again' })
  const flow = await commandDeployment(world, { pool, name: 'flow', entrypoint: 'flow.py:run', jobVariables: {} })
  const [run] = await createRuns(world, flow, 1)
  if (!run) throw new Error('no run')
  await dispatchPool(world, pool.id, NO_DEADLINE)
  const arn = (await readRun(world, run.id)).launch?.taskArn ?? ''
  await setState(world, run.id, { type: 'RUNNING' })
  await setState(world, run.id, { type: 'SCHEDULED' })
  expect(world.tasks.stopped.at(-1)).toEqual({ taskArn: arn, reason: 'The flow run was scheduled again.' })
  await dispatchPool(world, pool.id, NO_DEADLINE)
  const next = await readRun(world, run.id)
  expect(next.launch?.taskArn).not.toBe(arn)
  await applyEcsTask(world, world.tasks.exits(arn, 137, { stopCode: 'UserInitiated' }))
  expect((await readRun(world, run.id)).state.type).toBe('PENDING')
})
