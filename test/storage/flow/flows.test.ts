import { afterAll, beforeAll, expect, it } from 'vitest'
import { flowIdOf } from '#shared/flow/flow.ts'
import { createFlow } from '#shared/storage/flow/create-flow.ts'
import { deleteFlow } from '#shared/storage/flow/delete-flow.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'
import { listFlows } from '#shared/storage/flow/list-flows.ts'
import { setFlowTags } from '#shared/storage/flow/set-flow-tags.ts'
import { aFlow } from '../../support/fixtures/a-flow.ts'
import { at } from '../../support/fixtures/a-run.ts'
import { changesNothing } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const named = (name: string) => ({ ...aFlow(name), id: flowIdOf(name) })

it('a flow is created once, and its tags replaced while it is there', async () => {
  const flow = named('a')
  const tagged = { ...flow, tags: ['x'], updated: at(1) }
  expect(await changesNothing(world.table, () => setFlowTags(world.table, tagged))).toBe(false)
  expect(await createFlow(world.table, flow)).toBe(true)
  expect(await changesNothing(world.table, () => createFlow(world.table, tagged))).toBe(false)
  expect(await setFlowTags(world.table, tagged)).toBe(true)
  expect(await getFlow(world.table, flow.id)).toEqual(tagged)
})

it('a flow is deleted unless it is another of its name, and flows are listed by name', async () => {
  for (const name of ['c', 'b', 'a']) await createFlow(world.table, named(name))
  expect((await listFlows(world.table)).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  const remove = (created: number) => deleteFlow(world.table, { ...named('b'), created })
  expect(await changesNothing(world.table, () => remove(at(9)))).toBe(false)
  expect(await remove(named('b').created)).toBe(true)
  expect(await changesNothing(world.table, () => remove(named('b').created))).toBe(false)
})
