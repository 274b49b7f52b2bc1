import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Artifact } from '#shared/artifact/artifact.ts'
import { getArtifact } from '#shared/storage/artifact/get-artifact.ts'
import { listArtifacts } from '#shared/storage/artifact/list-artifacts.ts'
import { putArtifact } from '#shared/storage/artifact/put-artifact.ts'
import { at, T0 } from '../../support/fixtures/a-run.ts'
import { changesNothing } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const about = { key: 'k', type: null, description: null, metadata: null, flowRunId: null, taskRunId: null }
const anArtifact = (): Artifact => ({ id: world.ids.uuid(), ...about, data: { n: 1 }, created: T0, updated: T0 })

it('an artifact is written as new, then on what was read', async () => {
  const artifact = anArtifact()
  expect(await putArtifact(world.table, artifact, undefined)).toBe(true)
  expect(await changesNothing(world.table, () => putArtifact(world.table, artifact, undefined))).toBe(false)
  const changed = { ...artifact, data: 2, updated: at(1) }
  expect(await putArtifact(world.table, changed, artifact)).toBe(true)
  expect(await changesNothing(world.table, () => putArtifact(world.table, changed, artifact))).toBe(false)
  expect(await getArtifact(world.table, artifact.id)).toEqual(changed)
})

it('artifacts are listed newest first, as many as asked for, without their data', async () => {
  const artifacts: Artifact[] = []
  for (let n = 0; n < 3; n += 1) {
    world.clock.pass(1)
    artifacts.push(anArtifact())
  }
  for (const artifact of artifacts) await putArtifact(world.table, artifact, undefined)
  const [, second, third] = artifacts
  const listed = await listArtifacts(world.table, 2)
  expect(listed.map(({ id }) => id)).toEqual([third?.id, second?.id])
  expect(listed[0]).not.toHaveProperty('data')
})
