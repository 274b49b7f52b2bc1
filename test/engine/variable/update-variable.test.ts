import { expect, it } from 'vitest'
import { createVariable } from '#shared/engine/variable/create-variable.ts'
import { updateVariable } from '#shared/engine/variable/update-variable.ts'
import { getVariable } from '#shared/storage/variable/get-variable.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
stageForEachTest((stage) => {
  world = stage.world
})

it('each change of a variable is later than the one before it, whatever the clock says, and logged', async () => {
  const { id, updated } = await createVariable(world, { name: 'v', value: 1, tags: [] })
  const late = { ...world, clock: { now: () => updated - 1_000 } }
  await updateVariable(late, id, { value: 2 })
  expect(await getVariable(world.table, id)).toMatchObject({ value: 2, updated: updated + 1 })
  const now = updated + 5_000
  await updateVariable({ ...world, clock: { now: () => now } }, id, { tags: ['t'] })
  expect(await getVariable(world.table, id)).toMatchObject({ value: 2, tags: ['t'], updated: now })
  const fields = { variableId: id, variable: 'v' }
  expect(world.logged).toContainEqual({ level: 'info', message: 'variable created', fields })
  expect(world.logged).toContainEqual({ level: 'info', message: 'variable changed', fields })
})

it('a change is given up after ten tries in which others came first', async () => {
  const { id } = await createVariable(world, { name: 'v', value: 0, tags: [] })
  let tries = 0
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb PutItemCommand') await updateVariable(world, id, { value: (tries += 1) })
    return await go()
  })
  await expect(updateVariable(deps, id, { value: -1 })).rejects.toMatchObject({ code: 'unavailable' })
  expect(tries).toBe(10)
})
