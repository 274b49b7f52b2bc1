import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { packLogs } from '#shared/log/log-chunk.ts'
import { deleteLogs } from '#shared/storage/log/delete-logs.ts'
import { listLogs } from '#shared/storage/log/list-logs.ts'
import { putLogs } from '#shared/storage/log/put-logs.ts'
import { collect } from '../../support/collect.ts'
import { at, LIFE } from '../../support/fixtures/a-run.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let run: { id: string; life: string }
beforeEach(() => {
  run = { id: world.ids.uuid(), life: LIFE }
})

const put = async (seconds: readonly number[], message = 'm') => {
  const line = { runId: run.id, life: run.life, taskRunId: null, name: 'l', level: 20 }
  await putLogs(world.table, packLogs(seconds.map((second) => ({ ...line, timestamp: at(second), message }))))
}
const read = async (range: Partial<Parameters<typeof listLogs>[1]> = {}) => {
  const entries = await collect(listLogs(world.table, { run, descending: false, ...range }))
  return entries.map(({ timestamp }) => timestamp)
}
/** Text that does not get smaller when it is compressed. */
const noise = (bytes: number) =>
  Buffer.from(Array.from({ length: bytes }, () => Math.floor(world.ids.random() * 256))).toString('base64')

it('lines are listed by time, either way, about as far as the bounds say', async () => {
  for (const seconds of [[25, 31], [5, 12], [28]]) await put(seconds)
  expect(await read()).toEqual([5, 12, 25, 28, 31].map(at))
  expect(await read({ descending: true })).toEqual([31, 28, 25, 12, 5].map(at))
  expect(await read({ from: at(21) })).toEqual([25, 28, 31].map(at))
  expect(await read({ to: at(21) })).toEqual([5, 12, 25, 28].map(at))
})

it('lines of many pages are all listed, and all removed, of that life alone', async () => {
  for (const second of [0, 10, 20, 30, 40]) await put([second], noise(300_000))
  const other = { ...run, life: 'another' }
  expect(await read({ run: other })).toEqual([])
  await deleteLogs(world.table, other)
  expect(await read()).toEqual([0, 10, 20, 30, 40].map(at))
  await deleteLogs(world.table, run)
  expect(await read()).toEqual([])
})
