import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { blockDocumentIdOf } from '#shared/block/block-document.ts'
import { blockTypeIdOf } from '#shared/block/block-type.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { blockDocumentKey, variableKey } from '#shared/storage/dynamo/table.ts'
import { variableIdOf } from '#shared/variable/variable.ts'
import { ecsTemplate } from '../../support/ecs/ecs-template.ts'
import { commandDeployment, createRuns, NO_DEADLINE, readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

type Variables = Record<string, unknown>

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let pools = 0
beforeEach(() => {
  pools += 1
})

async function deploy(template: Variables, jobVariables: Variables = {}) {
  const pool = await createWorkPool(world, { name: `push-${pools}`, type: 'ecs:push', baseJobTemplate: template })
  return { pool, deployment: await commandDeployment(world, { pool, jobVariables }) }
}

/** Creates one run and dispatches it; returns the run and the launch request. */
async function launch({ pool, deployment }: Awaited<ReturnType<typeof deploy>>) {
  const [created] = await createRuns(world, deployment, 1)
  await dispatchPool(world, pool.id, NO_DEADLINE)
  const run = await readRun(world, created?.id ?? '')
  return { run, request: world.tasks.started.find(({ runId }) => runId === run.id) }
}

const now = () => world.clock.now()
async function storeVariable(name: string, value: unknown) {
  const variable = { id: variableIdOf(name), name, value, tags: [], created: now(), updated: now() }
  await putJsonItem(world.table, variableKey(variable.id), variable, undefined)
}
const blockIdOf = (name: string) => blockDocumentIdOf(blockTypeIdOf('json'), name)
async function storeBlock(name: string, data: Variables) {
  const [typeId, schemaId] = [blockTypeIdOf('json'), blockIdOf('schema')]
  const document = {
    id: blockIdOf(name),
    name,
    typeId,
    schemaId,
    data,
    anonymous: false,
    created: now(),
    updated: now(),
  }
  await putJsonItem(world.table, blockDocumentKey(document.id), document, undefined)
}
const dropBlock = (name: string) => deleteItem(world.table, blockDocumentKey(blockIdOf(name)))

const IMAGE_ONLY = { containerDefinitions: [{ image: '{{ image }}' }] }

describe("a push pool's template", () => {
  it('decides what is launched, and leaves the rest to job variables', async () => {
    const template = ecsTemplate({ env: { MODE: 'pool' } }, { name: '{{ name }}' })
    template.job_configuration.task_definition.containerDefinitions = [{ image: 'fixed:1', name: 'job' }]
    const { request } = await launch(
      await deploy(template, {
        command: 'make it',
        image: 'ignored:1',
        env: { A: '1' },
        name: '{{ ctx.flow_run.id }}-{{ ctx.flow.name }}',
      }),
    )
    expect(request).toMatchObject({ command: ['make', 'it'], image: 'fixed:1', env: { MODE: 'pool', A: '1' } })
    expect(request?.configuration).toMatchObject({ container_name: 'job', launch_type: 'FARGATE' })
    expect(request?.name).toBe(`${request?.runId}-job`)
  })

  it('is filled with the variables and blocks as they are at launch', async () => {
    await storeVariable('tag', 'v7')
    await storeBlock('inner', { host: 'db.internal' })
    await storeBlock('settings', {
      cpu: 512,
      image: 'ours:{{ prefect.variables.tag }}',
      database: { $ref: { block_document_id: blockIdOf('inner') } },
    })
    const template = ecsTemplate({}, { cpu: '{{ prefect.blocks.json.settings.cpu }}', task_definition: IMAGE_ONLY })
    const { request } = await launch(
      await deploy(template, {
        command: ['true'],
        image: '{{ prefect.blocks.json.settings.image }}',
        env: { HOST: '{{ prefect.blocks.json.settings.database.host }}', NONE: '{{ prefect.variables.missing }}' },
      }),
    )
    expect(request).toMatchObject({ cpu: 512, image: 'ours:v7', env: { HOST: 'db.internal', NONE: '' } })
  })

  it('must refer to what exists: checked when a run is created, and again at launch', async () => {
    const template = ecsTemplate()
    const gone = await deploy(template, { command: ['true'], image: '{{ prefect.blocks.json.later.image }}' })
    await expect(createRuns(world, gone.deployment, 1)).rejects.toThrow("Block not found: 'later' of type 'json'.")
    await storeBlock('later', { image: 'ours:1' })
    const [run] = await createRuns(world, gone.deployment, 1)
    await dropBlock('later')
    await dispatchPool(world, gone.pool.id, NO_DEADLINE)
    const { state, claim } = await readRun(world, run?.id ?? '')
    expect(state).toMatchObject({ type: 'CRASHED', message: "Block not found: 'later' of type 'json'." })
    expect(claim).toBeNull()
  })

  it('launches nothing that looks like a secret, wherever it came from', async () => {
    const to = await deploy(ecsTemplate(), { command: ['true'], env: { KEY: '{{ prefect.variables.key }}' } })
    const [run] = await createRuns(world, to.deployment, 1)
    await storeVariable('key', ['-----BEGIN', 'PRIVATE KEY-----'].join(' '))
    await dispatchPool(world, to.pool.id, NO_DEADLINE)
    const { state } = await readRun(world, run?.id ?? '')
    expect(state).toMatchObject({ type: 'CRASHED' })
    expect(state.message).toContain("'env.KEY' looks like a private key")
  })

  it('rejects blocks that refer to each other endlessly', async () => {
    for (let n = 0; n < 9; n += 1) {
      const held = Array.from({ length: 9 }, (_, i) => [
        `f${i}`,
        { $ref: { block_document_id: blockIdOf(`ring-${i}`) } },
      ])
      await storeBlock(`ring-${n}`, Object.fromEntries(held) as Variables)
    }
    const to = await deploy(ecsTemplate(), { command: ['true'], labels: '{{ prefect.blocks.json.ring-0 }}' })
    await expect(createRuns(world, to.deployment, 1)).rejects.toThrow('at most 200 nested blocks')
  })
})

describe('a template that no push pool can launch', () => {
  const refused: [string, Variables, string][] = [
    [
      'a role',
      ecsTemplate({ task_role_arn: 'arn:aws:iam::1:role/admin' }),
      'overrides.taskRoleArn: is set by the stack',
    ],
    [
      "the host's processes",
      ecsTemplate({}, { task_definition: { pidMode: 'host' } }),
      "task_definition.pidMode: can't be set here",
    ],
    ["a worker's environment", ecsTemplate({}, { command: '{{ $HOME }}/run' }), 'this pool has no worker'],
    ['a secret', ecsTemplate({ env: { AWS_SECRET_ACCESS_KEY: 'x' } }), 'looks like an AWS secret'],
  ]
  it.each(refused)('is rejected on create and update: %s', async (_what, baseJobTemplate, reason) => {
    const name = `refused-${pools}`
    await expect(createWorkPool(world, { name, type: 'ecs:push', baseJobTemplate })).rejects.toThrow(reason)
    await createWorkPool(world, { name, type: 'ecs:push' })
    await expect(updateWorkPool(world, name, { baseJobTemplate }, {})).rejects.toThrow(reason)
  })

  it('is accepted in pools of workers', async () => {
    const baseJobTemplate = ecsTemplate({ task_role_arn: 'arn' }, { command: '{{ $HOME }}' })
    await expect(createWorkPool(world, { name: `ecs-${pools}`, type: 'ecs', baseJobTemplate })).resolves.toBeTruthy()
  })
})
