import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyEcsTask } from '#shared/engine/dispatch/apply-ecs-task.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { createRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { type FlowRun, NO_POLICY } from '#shared/flow-run/flow-run.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { DEPLOYMENT_DELETED } from '#shared/flow-run/messages.ts'
import { newState } from '#shared/flow-run/state.ts'
import { idFromName } from '#shared/ids.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRunInput } from '#shared/storage/flow-run/list-run-inputs.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aClaim, runIn, T0 } from '../../support/fixtures/a-run.ts'
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

/** A run outside of pools, as it is stored. */
async function loneRun(change: Partial<FlowRun> = {}): Promise<FlowRun> {
  const place = { poolId: null, queueId: null, deploymentId: null, job: null }
  const run = runIn('RUNNING', { id: asRunId(world.ids.uuid()), ...place, claim: null, launch: null, ...change })
  await createRun(world.table, run)
  return run
}

it('a run that others change each time is given up after ten tries', async () => {
  const { id } = await loneRun()
  let tries = 0
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb PutItemCommand') {
      tries += 1
      const now = await readRun(world, id)
      await saveRun(world.table, now, { ...now, infrastructurePid: `host:${tries}` })
    }
    return await go()
  })
  await expect(setState(deps, id, { type: 'COMPLETED' })).rejects.toMatchObject({ code: 'unavailable' })
  expect(tries).toBe(10)
})

it('returns the run as it is stored, with its revision, and logs the change', async () => {
  const { id } = await loneRun()
  const { run, verdict, wrote } = await setState(world, id, { type: 'COMPLETED', message: 'fine' })
  expect({ ...run, unanswered: undefined }).toEqual(await readRun(world, id))
  expect(verdict).toMatchObject({ status: 'ACCEPT', state: run.state })
  expect(wrote).toBe(true)
  const fields = { runId: id, from: 'Running', to: 'Completed' }
  expect(world.logged).toContainEqual({ level: 'info', message: 'flow run entered a state', fields })
})

it('what is objected to, or waits for a place that is gone, writes nothing and says so', async () => {
  const { id, revision } = await loneRun()
  const objected = await setState(world, id, { type: 'COMPLETED' }, { objection: () => 'no' })
  expect(objected).toMatchObject({ verdict: { status: 'ABORT', reason: 'no' }, wrote: false })
  const gone = idFromName('gone')
  const { deployment } = await pushPool(world, { name: 'elsewhere' })
  const place = { poolId: gone, queueId: gone, deploymentId: deployment.id }
  const ended = await loneRun({ ...place, state: newState('FAILED', T0) })
  const retried = await setState(world, ended.id, { type: 'SCHEDULED', name: 'AwaitingRetry' })
  const reason = 'Work pool of the run was deleted.'
  expect(retried).toMatchObject({ verdict: { status: 'ABORT', reason }, wrote: false })
  expect((await readRun(world, id)).revision).toBe(revision)
})

it('under a claim that still counts, what is refused for other reasons is no refused write', async () => {
  const { id, generation } = await loneRun({ state: newState('COMPLETED', T0) })
  const { verdict } = await setState(world, id, { type: 'RUNNING' }, { fence: { generation } })
  expect(verdict.status).toBe('ABORT')
  expect((await readRun(world, id)).refusedWrites.count).toBe(0)
})

it('a held run that is retried without its deployment is cancelled, and its process learns that and why', async () => {
  const lost = { deploymentId: idFromName('none'), claim: aClaim({ by: { kind: 'client', name: null }, slots: [] }) }
  const policy = { ...NO_POLICY, retries: 1, retryDelay: 0 }
  const { id } = await loneRun({ ...lost, policy })
  const { verdict, wrote } = await setState(world, id, { type: 'SCHEDULED', name: 'Rescheduled' })
  expect(wrote).toBe(true)
  const state = { type: 'CANCELLED', message: DEPLOYMENT_DELETED }
  expect(verdict).toEqual({ status: 'REJECT', reason: DEPLOYMENT_DELETED, written: true, state: expect.anything() })
  expect((verdict as { state: object }).state).toMatchObject(state)
})

it('only a pause drops the inputs that it names, and no more than ten', async () => {
  const { id } = await loneRun()
  const keys = Array.from({ length: 12 }, (_, n) => `key-${n}`)
  for (const key of keys) await createRunInput(world, { runId: id, key, value: '1', sender: null })
  const keyset = { run_input_keyset: Object.fromEntries(keys.map((key, n) => [`k${n}`, key])) }
  const left = async () => {
    const run = await readRun(world, id)
    const found = await Promise.all(keys.map(async (key) => await getRunInput(world.table, run, key)))
    return found.filter(Boolean).length
  }
  await setState(world, id, { type: 'RUNNING', name: 'Again', details: { other: keyset } }, { force: true })
  expect(await left()).toBe(12)
  await setState(world, id, { type: 'PAUSED', details: { other: keyset } })
  expect(await left()).toBe(2)
})
