import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Scope } from '#shared/api-key/scope.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { createApiKey } from '#shared/engine/api-key/create-api-key.ts'
import { startService } from '../../local/service.ts'
import { commandDeployment, createRuns, pushPool, readRun } from '../support/fixtures/fixtures.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

async function start(dataDir = temporaryFolder(), taskApiKey?: string) {
  const warnings: string[] = []
  const log = { info: () => {}, warn: (message: string) => void warnings.push(message), error: () => {} }
  const service = await startService({ dataDir, port: 0, log, tickSeconds: 1, requireKeys: true, taskApiKey })
  onTestFinished(() => service.stop())
  return { ...service, warnings }
}

const keyOf = async (deps: Deps, scope: Scope) => (await createApiKey(deps, { name: 'k', scope }, null)).text

async function call(url: string, method: string, path: string, authorization?: string) {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  const body = method === 'POST' ? '{"name":"p"}' : undefined
  const answer = await fetch(`${url}/api${path}`, { method, headers, ...(body ? { body } : {}) })
  return { status: answer.status, body: await answer.json() }
}

async function endOf(deps: Deps, deployment: Deployment): Promise<string> {
  const [run] = await createRuns(deps, deployment, 1)
  const runId = run?.id ?? ''
  await until('the run ends', async () => (await readRun(deps, runId)).endTime)
  return (await readRun(deps, runId)).state.type
}

it('rejects callers without a valid key, or without the scope, as Prefect does', async () => {
  const { url, deps } = await start()
  const work = await keyOf(deps, 'work')
  const unauthorized = {
    status: 401,
    body: { exception_message: 'Unauthorized', detail: 'Unauthorized', code: 'unauthorized' },
  }
  for (const header of [undefined, 'Bearer x', `Bearer ${work}x`]) {
    for (const path of ['/work_pools/', '/api_keys/', '/no/such/path']) {
      expect(await call(url, 'POST', path, header)).toEqual(unauthorized)
    }
  }
  expect(await call(url, 'GET', '/health')).toEqual({ status: 200, body: true })
  const refused = await call(url, 'POST', '/work_pools/', `Bearer ${work}`)
  expect(refused).toMatchObject({ status: 403, body: { exception_message: 'This needs a key of scope "admin".' } })
})

it('accepts a key as Prefect sends it: as a bearer, or in PREFECT_API_AUTH_STRING, with a user or without', async () => {
  const { url, deps } = await start()
  const admin = await keyOf(deps, 'admin')
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  for (const header of [`Bearer ${admin}`, basic(admin), basic(`admin:${admin}`)]) {
    expect((await call(url, 'GET', '/hello', header)).status).toBe(200)
  }
})

it('rejects a revoked key from the next request on', async () => {
  const { url, deps } = await start()
  const [own, other] = [await keyOf(deps, 'admin'), await keyOf(deps, 'admin')]
  const idOf = (key: string) => key.split('_')[1] ?? ''
  expect((await call(url, 'DELETE', `/api_keys/${idOf(own)}`, `Bearer ${own}`)).status).toBe(409)
  const headers = { authorization: `Bearer ${own}` }
  expect((await fetch(`${url}/api/api_keys/${idOf(other)}`, { method: 'DELETE', headers })).status).toBe(204)
  expect((await call(url, 'GET', '/hello', `Bearer ${other}`)).status).toBe(401)
  expect((await call(url, 'GET', '/hello', `Bearer ${own}`)).status).toBe(200)
})

it('gives tasks their own key for the API, and stores it nowhere', async () => {
  const dataDir = temporaryFolder()
  const first = await start(dataDir)
  expect(first.warnings).toEqual(['tasks have no API key, so they cannot call the API; set PUSHPOOL_TASK_API_KEY'])
  const key = await keyOf(first.deps, 'work')
  await first.stop()
  const { deps, warnings } = await start(dataDir, key)
  expect(warnings).toEqual([])
  const script = `
    const { PUSHPOOL_API_URL: url, PUSHPOOL_API_KEY: own, PREFECT_API_KEY: same } = process.env
    const { status } = await fetch(url + '/hello', { headers: { authorization: 'Bearer ' + own } })
    process.exit(status === 200 && own === same ? 0 : 1)`
  const command = [process.execPath, '--input-type=module', '-e', script]
  const { pool, queueId, deployment } = await pushPool(deps, { jobVariables: { command } })
  expect(await endOf(deps, deployment)).toBe('COMPLETED')
  // As in ECS a plain value of the same name takes its place.
  const jobVariables = { command: ['sh', '-c', '[ "$PUSHPOOL_API_KEY" = mine ]'], env: { PUSHPOOL_API_KEY: 'mine' } }
  const other = await commandDeployment(deps, { pool, queueId, name: 'other', jobVariables })
  expect(await endOf(deps, other)).toBe('COMPLETED')
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(3)
  const holding = files.filter(({ parentPath, name }) => {
    return readFileSync(join(parentPath, name), 'latin1').includes(key.slice(-43))
  })
  expect(holding).toEqual([])
})
