import { expect, it } from 'vitest'
import { createArtifact } from '#shared/engine/artifact/create-artifact.ts'
import { listArtifacts } from '#shared/engine/artifact/list-artifacts.ts'
import { updateArtifact } from '#shared/engine/artifact/update-artifact.ts'
import { getArtifact } from '#shared/storage/artifact/get-artifact.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
stageForEachTest((stage) => {
  world = stage.world
})

const NONE = { description: null, metadata: null, flowRunId: null, taskRunId: null }
const create = (data: unknown, key: string | null = 'k') =>
  createArtifact(world, { ...NONE, key, type: 'markdown', data })

it('each change of an artifact is later than the one before it, whatever the clock says', async () => {
  const { id, updated } = await create(1)
  await updateArtifact({ ...world, clock: { now: () => updated - 1_000 } }, id, { data: 2 })
  expect(await getArtifact(world.table, id)).toMatchObject({ data: 2, updated: updated + 1 })
  const now = updated + 5_000
  await updateArtifact({ ...world, clock: { now: () => now } }, id, { description: 'd', data: undefined })
  expect(await getArtifact(world.table, id)).toMatchObject({ data: 2, description: 'd', updated: now })
})

it('a change is given up after ten tries in which others came first', async () => {
  const { id } = await create(0)
  let tries = 0
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb PutItemCommand') await updateArtifact(world, id, { data: (tries += 1) })
    return await go()
  })
  await expect(updateArtifact(deps, id, { data: -1 })).rejects.toMatchObject({ code: 'unavailable' })
  expect(tries).toBe(10)
})

it('data that is too large is refused, however it comes', async () => {
  const large = 'x'.repeat(500_000)
  await expect(create(large)).rejects.toMatchObject({ code: 'too_large' })
  const { id } = await create(null)
  await expect(updateArtifact(world, id, { data: large })).rejects.toMatchObject({ code: 'too_large' })
  await expect(create(undefined)).resolves.toMatchObject({ key: 'k' })
})

it('lists show all that match, or the latest of each key, in pages', async () => {
  for (const data of [1, 2, 3]) {
    world.clock.pass(1)
    await create(data, data === 3 ? 'other' : 'k')
  }
  const listed = async (query: object) => {
    const all = { artifacts: {}, sort: 'CREATED_DESC', offset: 0, limit: 10, latest: false } as const
    return (await listArtifacts(world, { ...all, ...query })).map(({ data }) => data)
  }
  expect(await listed({})).toEqual([3, 2, 1])
  expect(await listed({ latest: true })).toEqual([3, 2])
  expect(await listed({ artifacts: { key: { any_: ['k'] } } })).toEqual([2, 1])
  expect(await listed({ offset: 1, limit: 1 })).toEqual([2])
})
