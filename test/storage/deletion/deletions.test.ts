import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Deletion } from '#shared/deletion/deletion.ts'
import { encodeDeletion } from '#shared/storage/deletion/deletion-actions.ts'
import { absenceCheck, type DeletedThing, deletionCheck } from '#shared/storage/deletion/deletion-check.ts'
import { forgetDeletion } from '#shared/storage/deletion/forget-deletion.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { postponeDeletion } from '#shared/storage/deletion/postpone-deletion.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { encodeDeployment } from '#shared/storage/deployment/deployment-codec.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { deletionKey, deploymentKey, limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aDeployment } from '../../support/fixtures/a-deployment.ts'
import { at, LIFE, T0 } from '../../support/fixtures/a-run.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { changesNothing, putItem } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const OTHER_LIFE = 'fedcba9876543210'
const holds = async (check: Parameters<typeof transact>[1][number]) => {
  try {
    await transact(world.table, [check])
    return true
  } catch (error) {
    if (error instanceof TransactionRefused && error.failedAt(0)) return false
    throw error
  }
}

describe('a write that a deletion makes', () => {
  async function put({ kind, id }: DeletedThing): Promise<void> {
    if (kind === 'deployment')
      await putItem(world.table, encodeDeployment({ deployment: aDeployment({ id }), revision: 1 }))
    else await putLimits(world.table, { [`${kind}#${id}`]: 1 }, { life: LIFE })
  }
  async function mark({ kind, id }: DeletedThing): Promise<void> {
    if (kind === 'deployment') await markDeploymentDeleting(world.table, { id, life: LIFE, name: 'd' }, T0)
    else await markDeleting(world.table, `${kind}#${id}`, { kind, id, life: LIFE }, T0)
  }
  const keyOf = ({ kind, id }: DeletedThing) =>
    kind === 'deployment' ? deploymentKey(id) : limitItemKey(`${kind}#${id}`)

  it.each(['pool', 'queue', 'deployment'] as const)(
    'is made while that life of the %s is being deleted, and after it is gone',
    async (kind) => {
      const thing = { kind, id: world.ids.uuid(), life: LIFE }
      const check = (life = LIFE) => holds(deletionCheck(world.table, { ...thing, life }))
      await put(thing)
      expect(await check()).toBe(false)
      await mark(thing)
      expect([await check(), await check(OTHER_LIFE)]).toEqual([true, false])
      await deleteItem(world.table, keyOf(thing))
      expect(await check()).toBe(true)
    },
  )

  it('of what has no limit is made while there is none', async () => {
    expect(await holds(absenceCheck(world.table, 'pool#none'))).toBe(true)
    await putLimits(world.table, { 'pool#some': null })
    expect(await holds(absenceCheck(world.table, 'pool#some'))).toBe(false)
  })
})

describe('a deletion that was written down', () => {
  const some: Deletion = { kind: 'run', id: 'r', life: LIFE, due: at(30) }
  const read = () => getItem(world.table, deletionKey('run', some))

  it('goes on where and when its last step says, until it is forgotten', async () => {
    await putItem(world.table, encodeDeletion(some))
    const later: Deletion = { ...some, due: at(90), from: { phase: 'ready#p', sort: 's' } }
    await postponeDeletion(world.table, later)
    expect(await read()).toMatchObject(later)
    await changesNothing(world.table, () => forgetDeletion(world.table, { ...some, life: OTHER_LIFE }))
    await forgetDeletion(world.table, some)
    expect(await read()).toBeUndefined()
    await changesNothing(world.table, () => postponeDeletion(world.table, later))
  })
})

describe('deletions that are due', () => {
  async function tableWith(dues: readonly number[], padding = ''): Promise<Table> {
    const fresh = await openWorld()
    onTestFinished(() => fresh.close())
    const { table } = fresh
    for (const [n, due] of dues.entries()) {
      const id = String(n).padStart(3, '0')
      await putItem(table, encodeDeletion({ kind: 'run', id, life: LIFE, due: at(due), name: padding }))
    }
    return table
  }
  const isDue = ({ due }: Deletion) => due <= at(10)
  const dues = async (table: Table, most: number) => (await listDeletions(table, most, isDue)).map(({ due }) => due)

  it('are listed by how long they have been, and no more of them than asked for', async () => {
    const table = await tableWith([8, 11, 10, 3, 9])
    expect(await dues(table, 10)).toEqual([3, 8, 9, 10].map(at))
    expect(await dues(table, 2)).toEqual([3, 8].map(at))
    expect(await dues(table, 0)).toEqual([])
  })

  it('are not looked for any further once there are enough', async () => {
    const fresh = await openWorld()
    onTestFinished(() => fresh.close())
    for (const id of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      const padded = { kind: 'run' as const, id, life: LIFE, due: at(1), name: 'x'.repeat(300_000) }
      await putItem(fresh.table, encodeDeletion(padded))
    }
    let reads = 0
    const { table } = withInterceptor(fresh, async (_call, go) => {
      reads += 1
      return await go()
    })
    expect(await listDeletions(table, 2, isDue)).toHaveLength(2)
    expect(reads).toBe(1)
  })

  it('are found behind others that are not, which fill a page', async () => {
    const table = await tableWith([...Array.from({ length: 4 }, () => 99), 7, 5], 'x'.repeat(300_000))
    expect(await dues(table, 1)).toEqual([at(5)])
    expect(await dues(table, 5)).toEqual([5, 7].map(at))
  })
})
