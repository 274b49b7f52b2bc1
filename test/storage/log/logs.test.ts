import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { packLogs } from '#shared/log/log-chunk.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { deleteLogs } from '#shared/storage/log/delete-logs.ts'
import { listLogs } from '#shared/storage/log/list-logs.ts'
import { encodeChunk } from '#shared/storage/log/log-codec.ts'
import { putLogs } from '#shared/storage/log/put-logs.ts'
import { collect } from '../../support/collect.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
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

/** Lines of one span as a chunk in twelve parts, which are written in any order. */
async function putInParts(seconds: readonly number[], message: string) {
  const line = { runId: run.id, life: run.life, taskRunId: null, name: 'l', level: 20, message }
  const [chunk] = packLogs(seconds.map((second) => ({ ...line, timestamp: at(second) })))
  if (!chunk) throw new Error('no chunk')
  const whole = Buffer.concat(chunk.parts)
  const size = Math.ceil(whole.length / 12)
  const parts = Array.from({ length: 12 }, (_, n) => whole.subarray(n * size, (n + 1) * size))
  await putLogs(world.table, [{ ...chunk, parts }])
  return encodeChunk({ ...chunk, parts })
}

it('lines in many parts are put together, whichever way they are read', async () => {
  await putInParts([1, 2], noise(500))
  await put([3])
  expect(await read()).toEqual([1, 2, 3].map(at))
  expect(await read({ descending: true })).toEqual([3, 2, 1].map(at))
})

it('lines of which a part is missing are left out, and no others', async () => {
  const [first] = await putInParts([1, 2], noise(500))
  await put([3])
  if (first) await deleteItem(world.table, { pk: first.pk, sk: first.sk })
  expect(await read()).toEqual([at(3)])
})

it('lines of a span are there before those of later ones are read', async () => {
  for (const second of [0, 10, 20, 30, 40, 50, 60]) await put([second], noise(300_000))
  let pages = 0
  const { table } = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb QueryCommand') pages += 1
    return await go()
  })
  const lines = listLogs(table, { run, descending: false })
  expect((await lines.next()).value?.timestamp).toBe(at(0))
  expect(pages).toBe(1)
  expect((await collect(lines)).map(({ timestamp }) => timestamp)).toEqual([10, 20, 30, 40, 50, 60].map(at))
  expect(pages).toBeGreaterThan(1)
})

it('chunks are written eight at a time, however many they are', async () => {
  let [writing, most] = [0, 0]
  const { table } = withInterceptor(world, async (_call, go) => {
    writing += 1
    most = Math.max(most, writing)
    return await go().finally(() => (writing -= 1))
  })
  const seconds = Array.from({ length: 20 }, (_, n) => n * 10)
  const line = { runId: run.id, life: run.life, taskRunId: null, name: 'l', level: 20, message: 'm' }
  await putLogs(table, packLogs(seconds.map((second) => ({ ...line, timestamp: at(second) }))))
  expect(await read()).toEqual(seconds.map(at))
  expect(most).toBe(8)
})
