import { beforeEach, expect, it } from 'vitest'
import { type LogQuery, listLogs } from '#shared/engine/log/list-logs.ts'
import { writeLogs } from '#shared/engine/log/write-logs.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { aRun, at } from '../../support/fixtures/a-run.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let runIds: string[]
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(async () => {
  runIds = [world.ids.uuid(), world.ids.uuid()]
  for (const id of runIds) await createRun(world.table, aRun({ id, life: world.ids.life() }))
})

const line = (runId: string | null, seconds: number, message = `${seconds}`) => {
  return { runId, taskRunId: null, name: 'n', level: 20, message, timestamp: at(seconds) }
}
const listed = async (query: Partial<LogQuery> = {}) => {
  const filter = { flow_run_id: { any_: runIds }, ...query.filter }
  const found = await listLogs(world, { sort: 'TIMESTAMP_ASC', offset: 0, limit: 100, ...query, filter })
  return found.map(({ message }) => message)
}

it('lines of several runs are listed as one, by time either way, in pages', async () => {
  const [a = '', b = ''] = runIds
  await writeLogs(world, [line(a, 1), line(b, 2), line(a, 3), line(b, 40), line(a, 50)])
  expect(await listed()).toEqual(['1', '2', '3', '40', '50'])
  expect(await listed({ sort: 'TIMESTAMP_DESC' })).toEqual(['50', '40', '3', '2', '1'])
  expect(await listed({ offset: 1, limit: 2 })).toEqual(['2', '3'])
  const timestamp = { after_: at(2), before_: at(40) }
  expect(await listed({ filter: { timestamp } })).toEqual(['2', '3', '40'])
})

it('runs must be named, and no more than a hundred', async () => {
  const naming = (any_: string[]) => listed({ filter: { flow_run_id: { any_ } } })
  const ids = Array.from({ length: 101 }, () => world.ids.uuid())
  await expect(naming(ids)).rejects.toMatchObject({ code: 'invalid' })
  expect(await naming(ids.slice(1))).toEqual([])
  await expect(listed({ filter: { operator: 'or_' } as never })).rejects.toMatchObject({ code: 'invalid' })
})

it('lines without a run, or of one that is gone, are dropped and counted; the others are kept', async () => {
  const [a = ''] = runIds
  await writeLogs(world, [line(a, 1)])
  expect(world.counted.get('LogLinesWithoutRun')).toBeUndefined()
  await writeLogs(world, [line(null, 2), line(a, 3), line(world.ids.uuid(), 4)])
  expect(world.counted.get('LogLinesWithoutRun')).toBe(2)
  expect(await listed()).toEqual(['1', '3'])
})
