import { expect, it } from 'vitest'
import { settleJobKind } from '#shared/engine/job/settle-job-kind.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { ecsTemplate } from '../../support/ecs/ecs-template.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aDeployment } from '../../support/fixtures/a-deployment.ts'
import { runIn, someDetails } from '../../support/fixtures/a-run.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
stageForEachTest((stage) => {
  world = stage.world
})

/** A claimed run whose kind of job is open, with its own job variables. */
async function openRun(jobVariables: Record<string, unknown> = {}): Promise<FlowRun> {
  const run = runIn('PENDING', { job: null, launch: null, details: someDetails({ jobVariables }) })
  await createRun(world.table, run)
  return run
}
const context = (change: object = {}) => ({
  pool: { name: 'push', baseJobTemplate: {} },
  deployment: aDeployment(change),
  flow: undefined,
})

it("takes the job's time limit from the run, its deployment and the pool's template, in this order", async () => {
  const run = await openRun()
  const settle = async (template: object, deployed: object, own: object) => {
    const { deployment } = context({ jobVariables: { command: ['true'], ...deployed } })
    const pool = { name: 'push', baseJobTemplate: template as Record<string, unknown> }
    const now = { ...(await readRun(world, run.id)), details: someDetails({ jobVariables: { ...own } }) }
    return await settleJobKind(world, now, { pool, deployment, flow: undefined })
  }
  const settled = await settle({}, { timeout_seconds: 60 }, {})
  expect(settled).toMatchObject({ job: 'command', timeoutSeconds: 60, revision: 1 })
  expect(await settle({}, { timeout_seconds: 60 }, { timeout_seconds: 30 })).toMatchObject({ timeoutSeconds: 30 })
  expect(await readRun(world, run.id)).toMatchObject({ job: 'command', timeoutSeconds: 30, revision: 2 })
  const withImage = ecsTemplate({}, { command: 'fixed', name: 'of-pool' })
  expect(await settle(withImage, { command: undefined }, {})).toMatchObject({ job: 'command' })
})

it('is a flow where the deployment has an entrypoint, and a command where it has none or is gone', async () => {
  const run = await openRun({ command: ['true'] })
  expect(await settleJobKind(world, run, context({ entrypoint: 'f.py:f' }))).toMatchObject({ job: 'flow' })
  const other = await readRun(world, run.id)
  expect(await settleJobKind(world, other, context())).toMatchObject({ job: 'command' })
  const gone = { pool: undefined, deployment: undefined, flow: undefined }
  expect(await settleJobKind(world, await readRun(world, run.id), gone)).toMatchObject({ job: 'command', revision: 3 })
})

it('is settled by none where another write came first', async () => {
  const run = await openRun()
  await saveRun(world.table, run, { ...run, infrastructurePid: 'x' })
  expect(await settleJobKind(world, run, context())).toBeUndefined()
})

it('leaves a job that can not be planned to the launch, and raises what is no such problem', async () => {
  const run = await openRun()
  const details = someDetails({ jobVariables: { image: '{{ prefect.blocks.json }}' } })
  const broken = { ...run, details }
  const pool = { name: 'push', baseJobTemplate: ecsTemplate() }
  expect(await settleJobKind(world, broken, { ...context(), pool })).toBe(broken)
  const failing = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb PutItemCommand') throw new Error('no writes today')
    return await go()
  })
  await expect(settleJobKind(failing, run, context())).rejects.toThrow('no writes today')
})
