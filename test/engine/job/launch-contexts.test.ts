import { beforeEach, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { getBlockViews } from '#shared/engine/job/get-block-views.ts'
import { getReferences } from '#shared/engine/job/get-references.ts'
import { launchContexts } from '#shared/engine/job/launch-contexts.ts'
import { planPushJob } from '#shared/engine/job/plan-push-job.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { variableKey } from '#shared/storage/dynamo/table.ts'
import { variableIdOf } from '#shared/variable/variable.ts'
import { ecsTemplate } from '../../support/ecs/ecs-template.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun } from '../../support/fixtures/a-run.ts'
import { type PushPool, pushPool } from '../../support/fixtures/fixtures.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
/** The world, whose reads are noted; they fail as long as `fails` is set. */
let deps: Deps
let fails = false
const reads: string[] = []
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(async () => {
  push = await pushPool(world)
  reads.length = 0
  fails = false
  deps = withInterceptor(world, async ({ name }, go) => {
    reads.push(name)
    if (fails) throw new Error('no reads today')
    return await go()
  })
})

it('each deployment and flow is read once for all launches, and again after a read that failed', async () => {
  const contextOf = launchContexts(deps, push.pool)
  const run = aRun({ deploymentId: push.deployment.id, flowId: push.deployment.flowId })
  fails = true
  await expect(contextOf(run)).rejects.toThrow('no reads today')
  fails = false
  reads.length = 0
  const found = await Promise.all([contextOf(run), contextOf(run)])
  const context = { pool: push.pool, deployment: push.deployment, flow: { name: 'job' } }
  expect(found).toMatchObject([context, context])
  await contextOf(run)
  expect(reads).toHaveLength(2)
})

it('a run without a deployment has none in its context, and none is read', async () => {
  const { deployment } = await launchContexts(deps, push.pool)(aRun({ deploymentId: null }))
  expect(deployment).toBeUndefined()
  expect(reads).toHaveLength(1)
})

it('a job that refers to nothing reads nothing, and one that refers to variables reads no blocks', async () => {
  const filled = (values: object) => ({ kind: 'ecs', values }) as never
  await getReferences(deps, filled({ image: 'fixed' }))
  expect(reads).toEqual([])
  const variable = { id: variableIdOf('tag'), name: 'tag', value: 'v1', tags: [], created: 0, updated: 0 }
  await putJsonItem(world.table, variableKey(variable.id), variable, undefined)
  const { variables } = await getReferences(deps, filled({ image: '{{ prefect.variables.tag }}' }))
  expect([...variables]).toEqual([['tag', 'v1']])
  expect(reads).toHaveLength(1)
})

it('a template that conflicts with its job variables is said to be invalid; other errors are left as they are', async () => {
  const layers = (run: object) => ({ template: ecsTemplate(), deployment: {}, run: run as Record<string, unknown> })
  const unknown = layers({ command: ['true'], image: '{{ prefect.blocks.json }}' })
  await expect(planPushJob(deps, unknown)).rejects.toMatchObject({ code: 'invalid' })
  fails = true
  const named = layers({ command: ['true'], image: '{{ prefect.variables.tag }}' })
  await expect(planPushJob(deps, named)).rejects.toThrow('no reads today')
})

it('block documents without a type are not shown', async () => {
  const document = {
    id: 'd',
    name: 'd',
    typeId: 't',
    schemaId: 's',
    data: {},
    anonymous: false,
    created: 0,
    updated: 0,
  }
  expect((await getBlockViews(deps, [document as never])).blocks).toEqual([])
})
