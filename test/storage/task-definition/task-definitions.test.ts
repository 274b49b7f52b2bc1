import { afterAll, beforeAll, expect, it } from 'vitest'
import { deleteTaskDefinition } from '#shared/storage/task-definition/delete-task-definition.ts'
import { getTaskDefinition } from '#shared/storage/task-definition/get-task-definition.ts'
import { putTaskDefinition } from '#shared/storage/task-definition/put-task-definition.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it('the first task definition recorded is kept until it is deleted by name', async () => {
  const { table } = world
  expect(await getTaskDefinition(table, 'hash')).toBeUndefined()
  expect(await putTaskDefinition(table, 'hash', 'arn:1')).toBe(true)
  expect(await putTaskDefinition(table, 'hash', 'arn:2')).toBe(false)
  await deleteTaskDefinition(table, 'hash', 'arn:2')
  expect(await getTaskDefinition(table, 'hash')).toBe('arn:1')
  await deleteTaskDefinition(table, 'hash', 'arn:1')
  await deleteTaskDefinition(table, 'hash', 'arn:1')
  expect(await getTaskDefinition(table, 'hash')).toBeUndefined()
})
