import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ApiError, type Client, createClient } from '#shared/client/create-client.ts'
import { createApiKey } from '#shared/engine/api-key/create-api-key.ts'
import { createApi } from '../../functions/api/app.ts'
import { type Service, startService } from '../../local/service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { openWorld } from '../support/world.ts'

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

const dataDir = mkdtempSync(join(tmpdir(), 'pushpool-client-'))
let service: Service
let client: Client
beforeAll(async () => {
  service = await startService({ dataDir, port: 0, log: quiet })
  client = createClient({ url: service.url })
})
afterAll(async () => {
  await service.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

describe('a client of a running service', () => {
  it('takes a run from its pool to its logs', async () => {
    const pool = await client.createWorkPool({ name: 'main', type: 'ecs:push', concurrency_limit: 2 })
    expect(pool).toMatchObject({ name: 'main', concurrency_limit: 2 })
    const flow = await client.createFlow({ name: 'hello' })
    const deployment = await client.createDeployment({
      name: 'say-hello',
      flow_id: flow.id,
      work_pool_name: 'main',
      job_variables: { command: 'echo hello' },
    })
    const run = await client.createFlowRunFromDeployment({ id: deployment.id })
    await endOf(run.id)
    const [line] = await client.listLogs({ logs: { flow_run_id: { any_: [run.id] } } })
    expect(line?.message).toBe('hello')
    expect((await client.listFlowRunStates({ flow_run_id: run.id })).at(-1)?.type).toBe('COMPLETED')
  })

  it('returns the existing run for a repeated idempotency key', async () => {
    const { id } = await client.createFlow({ name: 'keyed' })
    const create = (idempotency_key?: string) => client.createFlowRun({ flow_id: id, idempotency_key })
    expect((await create('once')).id).toBe((await create('once')).id)
    expect((await create()).id).not.toBe((await create()).id)
  })

  it('encodes names with special characters in URLs, and rejects path segments that change the path', async () => {
    for (const name of ['a b', 'ä#1', 'a+b', '{c}', "it's"]) {
      await client.createWorkPool({ name, type: 'process' })
      await client.updateWorkPool({ name }, { description: 'found' })
      expect(await client.getWorkPool({ name })).toMatchObject({ name, description: 'found' })
      expect(await client.deleteWorkPool({ name })).toBeUndefined()
    }
    await client.createWorkPool({ name: 'parent', type: 'process' })
    const wrong = ['', '.', '..', 'parent/queues/default', 'parent/', '/parent', 'parent?', 'a?b', 'p%61rent', '..\\x']
    for (const name of [...wrong, 'par\nent', 'a\u2028b', 'a\ud800b', 'a\ufffdb']) {
      const refused = client.deleteWorkPool({ name })
      await expect(refused).rejects.toThrow(TypeError)
      await expect(refused).rejects.toThrow("'name' must not")
    }
    expect(await client.getWorkQueue({ pool: 'parent', queue: 'default' })).toMatchObject({ name: 'default' })
  })

  it('sends no number that JSON does not have', async () => {
    const { id: flow_id } = await client.createFlow({ name: 'numbers' })
    for (const ratio of [Number.NaN, Number.POSITIVE_INFINITY])
      await expect(client.createFlowRun({ flow_id, parameters: { ratio } })).rejects.toThrow(`'ratio' is ${ratio}`)
    expect(await client.countFlowRuns({ flows: { name: { any_: ['numbers'] } } })).toBe(0)
  })

  it('reads plain text and empty replies', async () => {
    const { id: flow_id } = await client.createFlow({ name: 'inputs' })
    const { id } = await client.createFlowRun({ flow_id })
    expect(await client.createFlowRunInput({ id }, { key: 'k', value: '"text"' })).toBeNull()
    expect(await client.getFlowRunInput({ id, key: 'k' })).toBe('"text"')
    expect(await client.deleteFlowRunInput({ id, key: 'k' })).toBeUndefined()
  })

  it('names the fields that the service rejects', async () => {
    const wrong = client.createWorkPool({ name: 'a/b' })
    await expect(wrong).rejects.toMatchObject({ status: 422, fields: [{ loc: ['body', 'name'] }] })
    await expect(client.getWorkPool({ name: 'none' })).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      message: "Work pool 'none' not found.",
    })
  })

  it.each(['', '/', '/api', '/api/', '//'])("finds the API when its URL ends with '%s'", async (end) => {
    expect(await createClient({ url: `${service.url}${end}` }).getHealth()).toBe(true)
  })
})

it('sends its key', async () => {
  const guarded = await startService({ dataDir: temporaryFolder(), port: 0, log: quiet, requireKeys: true })
  onTestFinished(() => guarded.stop())
  const { text: apiKey } = await createApiKey(guarded.deps, { name: 'k', scope: 'work' }, null)
  const { url } = guarded
  await expect(createClient({ url }).listWorkPools()).rejects.toMatchObject({ status: 401, code: 'unauthorized' })
  expect(await createClient({ url, apiKey }).listWorkPools()).toEqual([])
  await expect(createClient({ url, apiKey }).createWorkPool({ name: 'p' })).rejects.toBeInstanceOf(ApiError)
})

it('calls an app in process', async () => {
  const world = await openWorld()
  onTestFinished(() => world.close())
  const app = createApi(world)
  const inProcess = createClient({ url: 'http://app', fetch: app.fetch })
  await inProcess.createWorkPool({ name: 'main' })
  expect((await inProcess.listWorkPools()).map(({ name }) => name)).toEqual(['main'])
})

it.each(['', 'localhost:4200', 'ftp://localhost', 'http://user:secret@localhost'])("rejects the URL '%s'", (url) => {
  expect(() => createClient({ url })).toThrow(TypeError)
  expect(() => createClient({ url })).not.toThrow(/secret/)
})

async function endOf(id: string): Promise<void> {
  await until(`run ${id} ends`, async () => (await client.getFlowRun({ id })).end_time)
}
