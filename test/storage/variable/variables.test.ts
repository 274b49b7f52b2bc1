import { afterAll, beforeAll, expect, it } from 'vitest'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { variableKey } from '#shared/storage/dynamo/table.ts'
import { getVariable, getVariables } from '#shared/storage/variable/get-variable.ts'
import { listVariables } from '#shared/storage/variable/list-variables.ts'
import { type Variable, variableIdOf } from '#shared/variable/variable.ts'
import { T0 } from '../../support/fixtures/a-run.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const variable = (name: string): Variable => {
  return { id: variableIdOf(name), name, value: { of: name }, tags: ['t'], created: T0, updated: T0 }
}

it('variables are read by id, by name and as a whole', async () => {
  const [a, b] = [variable('a'), variable('b')]
  for (const each of [a, b]) await putJsonItem(world.table, variableKey(each.id), each, undefined)
  expect(await getVariable(world.table, a.id)).toEqual(a)
  expect(await getVariable(world.table, variableIdOf('none'))).toBeUndefined()
  expect(await getVariables(world.table, ['b', 'none', 'b'])).toEqual([b])
  const byName = (await listVariables(world.table)).toSorted((x, y) => (x.name < y.name ? -1 : 1))
  expect(byName).toEqual([a, b])
})
