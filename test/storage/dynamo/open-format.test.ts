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
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { deploymentKey, FORMAT_KEY, poolKey, TABLE_FORMAT, type Table } from '#shared/storage/dynamo/table.ts'
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

/** The same table through a client of its own, as another process has it. */
async function secondClient({ client, name }: Table): Promise<Table> {
  const { protocol, hostname, port } = (await client.config.endpoint?.()) ?? { protocol: '', hostname: '' }
  const table = openTable({ tableName: name, endpoint: `${protocol}//${hostname}:${port}` })
  onTestFinished(() => table.client.destroy())
  return table
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

  it('is opened by many processes at once', async () => {
    const { table } = await freshWorld()
    const tables = await Promise.all(Array.from({ length: 5 }, () => secondClient(table)))
    await Promise.all(tables.map(open))
    expect(await formatOf(table)).toBe(TABLE_FORMAT)
  })

  it('is not taken for an old one by a process whose first look came before the format and what was written since', async () => {
    const world = await freshWorld()
    const slow = await secondClient(world.table)
    let looked = false
    slow.client.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args)
        if (context.commandName === 'GetItemCommand' && !looked) {
          looked = true
          await open(world.table)
          await pushPool(world)
        }
        return answer
      },
      { step: 'initialize', name: 'slow' },
    )
    await expect(open(slow)).resolves.toBeUndefined()
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
