import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { INLINE_DETAILS_BYTES_MAX } from '#shared/bounds.ts'
import { launchedRun } from '#shared/ecs-task/launched-run.ts'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { updateFlowRun } from '#shared/engine/flow-run/update-flow-run.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { type FlowRun, NO_POLICY } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { deploymentLimit, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { keyOf, toItem } from '#shared/storage/dynamo/expression.ts'
import { runKey } from '#shared/storage/dynamo/table.ts'
import { encodeRun } from '#shared/storage/flow-run/run-codec.ts'
import { encodeDetails } from '#shared/storage/flow-run/run-details.ts'
import {
  aClaim,
  aRun,
  at,
  DEPLOYMENT_ID,
  POOL_ID,
  QUEUE_ID,
  someDetails,
  TASK_ARN,
} from '../../support/fixtures/a-run.ts'
import { commandDeployment, createRuns, NO_DEADLINE, pushPool, readRun } from '../../support/fixtures/fixtures.ts'
import { itemBytes } from '../../support/item-bytes.ts'
import { openWorld, type World } from '../../support/world.ts'
import { watchWriteUnits } from '../../support/write-units.ts'

/** The design's budgets for a whole push run, with limits of pool and queue. */
const WRITE_UNITS_MAX = 22
const ITEM_BYTES_MAX = 1024

let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => world.close())

async function bytesOf(runId: string): Promise<number> {
  const { client } = world.table
  const answer = await client.send(new GetItemCommand({ ...keyOf(world.table, runKey(runId)), ConsistentRead: true }))
  return itemBytes(answer.Item ?? {})
}

it('a push run stays within its budget of write units, and its item within one unit', async () => {
  const { pool, deployment } = await pushPool(world, { poolLimit: 10, queueLimit: 5 })
  const watch = watchWriteUnits(world.table)
  const bytes: Record<string, number> = {}

  watch.step('create')
  const [run] = await createRuns(world, deployment, 1)
  if (!run) throw new Error('no run')
  bytes.created = await bytesOf(run.id)
  world.tasks.nextOutcome = () => {
    watch.step('record the task')
    return undefined
  }
  watch.step('claim')
  await dispatchPool(world, pool.id, NO_DEADLINE)
  bytes.launched = await bytesOf(run.id)
  const arn = (await readRun(world, run.id)).launch?.taskArn ?? ''
  watch.step('running')
  await applyEcsTask(world, world.tasks.becomes(arn, 'RUNNING'))
  bytes.running = await bytesOf(run.id)
  watch.step('completed')
  await applyEcsTask(world, world.tasks.exits(arn, 0))
  bytes.completed = await bytesOf(run.id)

  const units = watch.units()
  const total = Object.values(units).reduce((sum, each) => sum + each, 0)
  console.log('write units of a push run:', { ...units, total }, 'bytes of its item:', bytes)
  expect((await readRun(world, run.id)).state.type).toBe('COMPLETED')
  expect(total).toBeLessThanOrEqual(WRITE_UNITS_MAX)
  expect(Math.max(...Object.values(bytes))).toBeLessThanOrEqual(ITEM_BYTES_MAX)
})

it('a flow costs no more for its InfrastructurePending, and one unit for the policy its engine writes', async () => {
  const { pool, queueId } = await pushPool(world, { name: 'flows', poolLimit: 10, queueLimit: 5 })
  const deployment = await commandDeployment(world, { pool, queueId, jobVariables: {}, entrypoint: 'flows.py:greet' })
  const watch = watchWriteUnits(world.table)
  watch.step('create')
  const [run] = await createRuns(world, deployment, 1)
  if (!run) throw new Error('no run')
  watch.step('claim and record the task')
  await dispatchPool(world, pool.id, NO_DEADLINE)
  const { state, launch } = await readRun(world, run.id)
  expect(state.name).toBe('InfrastructurePending')
  watch.step('running')
  const policy = { ...NO_POLICY, retries: 0, retryDelay: 0 }
  await updateFlowRun(world, run.id, { details: { flowVersion: 'a'.repeat(32) }, policy })
  await setState(world, run.id, { type: 'RUNNING', details: { transitionId: world.ids.uuid() } })
  const bytes = { running: await bytesOf(run.id), completed: 0 }
  watch.step('completed')
  await setState(world, run.id, { type: 'COMPLETED', details: { transitionId: world.ids.uuid() } })
  await applyEcsTask(world, world.tasks.exits(launch?.taskArn ?? '', 0))
  bytes.completed = await bytesOf(run.id)
  const units = watch.units()
  const total = Object.values(units).reduce((sum, each) => sum + each, 0)
  console.log("write units of a pushed flow's run:", { ...units, total }, 'bytes of its item:', bytes)
  expect(total).toBeLessThanOrEqual(WRITE_UNITS_MAX + 1)
})

/** The longest cluster name that the stack generates. */
const LONG_ARN = TASK_ARN.replace('us-east-1', 'ap-southeast-2').replace(
  '/pushpool/',
  '/pushpool-ClusterEB0386A7-abcdefghijkl/',
)
/** A guard against growth; every KB begun costs a unit more for each write. */
const FULL_ITEM_BYTES_MAX = 1280

it('a flow with everything set takes a second write unit, but little of it', () => {
  const empty = Buffer.byteLength(encodeDetails(someDetails({ parameters: { text: '' } })))
  const details = someDetails({ parameters: { text: 'x'.repeat(INLINE_DETAILS_BYTES_MAX - empty) } })
  const slots = [poolLimit(POOL_ID), queueLimit(QUEUE_ID), deploymentLimit(DEPLOYMENT_ID)]
  const claim = aClaim({ id: 'A'.repeat(16), at: at(1.000001), slots })
  const policy = { ...NO_POLICY, retries: 3, retryDelay: 30 }
  const waiting = aRun({ details, claim, policy, timeoutSeconds: 3600, generation: 1, created: at(0.123456) })
  const due = { scheduledTime: at(0.000001) }
  const pending = advance(waiting, newState('PENDING', at(1.000001), { details: due }))
  const launched = launchedRun({ ...pending, claim }, { attempt: 1, taskArn: LONG_ARN, taskVersion: 3 }, at(2))
  const transitionId = '0267bded-8caa-4ef7-82e5-996b48affea1'
  const running = advance(launched, newState('RUNNING', at(31.123457), { details: { transitionId } }))
  const stored = (run: FlowRun) => itemBytes(toItem({ ...encodeRun(run), details: encodeDetails(run.details) }))
  const bytes = { pending: stored(pending), launched: stored(launched), running: stored(running) }
  console.log('bytes of the item of a flow that has everything:', bytes)
  expect(Math.max(...Object.values(bytes))).toBeLessThanOrEqual(FULL_ITEM_BYTES_MAX)
})
