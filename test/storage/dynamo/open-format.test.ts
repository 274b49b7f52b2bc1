import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { createApiKey } from '#shared/engine/api-key/create-api-key.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { createVariable } from '#shared/engine/variable/create-variable.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { openFormat } from '#shared/storage/dynamo/open-format.ts'
import { deploymentKey, FORMAT_KEY, poolKey, TABLE_FORMAT, type Table } from '#shared/storage/dynamo/table.ts'
import { answerLost, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { createRuns, pushPool } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

async function freshWorld(): Promise<World> {
  const world = await openWorld()
  onTestFinished(() => world.close())
  return world
}

const REMEDY = 'use another one'
const open = (table: Table) => openFormat(table, REMEDY)
const formatOf = async (table: Table) => (await getItem(table, FORMAT_KEY))?.format

/** A table, and the same for a process that another one overtakes before its first such call. */
async function overtakenBefore(command: string) {
  const world = await freshWorld()
  let overtaken = false
  const slow = withInterceptor(world, async ({ name }, go) => {
    if (name === command && !overtaken) {
      overtaken = true
      await open(world.table)
    }
    return await go()
  })
  return { table: world.table, slow: slow.table }
}

describe('a new table', () => {
  it('gets the format of the version that opens it first, and keeps it', async () => {
    const { table } = await freshWorld()
    await open(table)
    expect(await formatOf(table)).toBe(TABLE_FORMAT)
    await open(table)
    expect(await formatOf(table)).toBe(TABLE_FORMAT)
  })

  it('stays open to the same version once it is in use', async () => {
    const world = await freshWorld()
    await open(world.table)
    const { deployment } = await pushPool(world)
    await createRuns(world, deployment, 1)
    await expect(open(world.table)).resolves.toBeUndefined()
  })

  it('gets one format from two processes that find it empty', async () => {
    const { table, slow } = await overtakenBefore('dynamodb PutItemCommand')
    await open(slow)
    expect(await formatOf(table)).toBe(TABLE_FORMAT)
  })

  it('is not opened where its format may not have been written', async () => {
    const world = await freshWorld()
    const failing = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb PutItemCommand') throw answerLost(name)
      return await go()
    })
    await expect(open(failing.table)).rejects.toThrow('no answer')
  })

  it('is not taken for an old one by a process whose first look came before the format and what was written since', async () => {
    const world = await freshWorld()
    let looked = false
    const slow = withInterceptor(world, async ({ name }, go) => {
      const answer = await go()
      if (name === 'dynamodb GetItemCommand' && !looked) {
        looked = true
        await open(world.table)
        await pushPool(world)
      }
      return answer
    })
    await expect(open(slow.table)).resolves.toBeUndefined()
  })
})

const refusal = (what: string) =>
  `The table pushpool ${what}, and this version of pushpool needs format ${TABLE_FORMAT}: ${REMEDY}.`

describe('a table of another version', () => {
  const things: [what: string, (deps: Deps) => Promise<unknown>][] = [
    ['a pool', pushPool],
    ['a flow', (deps) => ensureFlow(deps, { name: 'etl', tags: [], labels: {} })],
    ['a variable', (deps) => createVariable(deps, { name: 'region', value: 'eu', tags: [] })],
    ['an API key', (deps) => createApiKey(deps, { name: 'ci', scope: 'admin' }, null)],
    [
      'a run, and neither its flow nor its pool',
      async (deps) => {
        const { pool, deployment } = await pushPool(deps)
        await createRuns(deps, deployment, 1)
        for (const key of [poolKey(pool.id), deploymentKey(deployment.id)]) await deleteItem(deps.table, key)
      },
    ],
  ]
  it.each(things)('is refused without a format number if it has %s', async (_, make) => {
    const world = await freshWorld()
    await make(world)
    await expect(open(world.table)).rejects.toThrow(
      refusal('was made by an older version, which gave it no format number'),
    )
    expect(await formatOf(world.table)).toBeUndefined()
  })

  it.each([TABLE_FORMAT - 1, TABLE_FORMAT + 1])('is refused with the format %i, which stays', async (format) => {
    const { table } = await freshWorld()
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem({ ...FORMAT_KEY, format }) }))
    await expect(open(table)).rejects.toThrow(refusal(`has format ${format}`))
    await expect(open(table)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await formatOf(table)).toBe(format)
  })
})
