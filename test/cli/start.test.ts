import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newApiKey } from '#shared/api-key/api-key.ts'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { poolKey, TABLE_FORMAT } from '#shared/storage/dynamo/table.ts'
import { parseStartOptions } from '../../cli/start/start-options.ts'
import { startEngine } from '../../local/engine/start-engine.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, 'start', ...args], { env: { ...process.env, ...env }, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { out: '', err: '' }
  child.stdout.on('data', (data) => (output.out += String(data)))
  child.stderr.on('data', (data) => (output.err += String(data)))
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return { child, output, exited }
}

describe('pushpool start', () => {
  it('starts a service, prints its URL, and exits cleanly on a signal', async () => {
    const dataDir = temporaryFolder()
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { child, output, exited } = run(['--port', '0', '--data', dataDir], { PUSHPOOL_LOG: 'json' })
      await once(child.stdout, 'data')
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output.out)?.[0]
      expect(output.out).toContain(`data in ${dataDir}. First call: curl ${url}/api/health`)
      expect(await (await fetch(`${url}/api/health`)).json()).toBe(true)
      child.kill(signal)
      expect(await exited).toBe(0)
      for (const line of output.err.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level')
    }
  })

  it('names the process that has the data folder', async () => {
    const dataDir = temporaryFolder()
    const first = run(['--port', '0', '--data', dataDir])
    await once(first.child.stdout, 'data')
    const second = run(['--port', '0', '--data', dataDir])
    expect(await second.exited).toBe(1)
    expect(second.output.err).toContain(`in use by another pushpool (process ${first.child.pid})`)
    first.child.kill('SIGTERM')
    expect(await first.exited).toBe(0)
  })

  it('refuses a data folder of another version, with what to do about it and no stack trace', async () => {
    const dataDir = temporaryFolder()
    const engine = await startEngine(dataDir)
    const table = openTable({ tableName: 'pushpool', endpoint: engine.endpoint })
    await ensureTable(table)
    await table.client.send(
      new PutItemCommand({ TableName: table.name, Item: toItem({ ...poolKey('p'), name: 'of before' }) }),
    )
    table.client.destroy()
    await engine.stop()
    const { output, exited } = run(['--port', '0', '--data', dataDir])
    expect(await exited).toBe(1)
    expect(output).toEqual({
      out: '',
      err:
        'pushpool did not start. The table pushpool was made by an older version, which gave it no format number, and ' +
        `this version of pushpool needs format ${TABLE_FORMAT}: start with another --data folder, remove ${dataDir}, ` +
        'or use the version that made it.\n',
    })
    const keys = spawnSync(process.execPath, [MAIN, 'key', 'list', '--data', dataDir], { encoding: 'utf8' })
    expect(keys.status).toBe(1)
    expect(keys.stderr).toContain(`needs format ${TABLE_FORMAT}`)
  })

  it('comes back after kill -9', async () => {
    const dataDir = temporaryFolder()
    const first = run(['--port', '0', '--data', dataDir])
    await once(first.child.stdout, 'data')
    first.child.kill('SIGKILL')
    await first.exited
    const second = run(['--port', '0', '--data', dataDir])
    await once(second.child.stdout, 'data')
    second.child.kill('SIGTERM')
    expect(await second.exited).toBe(0)
  })

  it('falls back to the environment', () => {
    const env = { PORT: '1', PUSHPOOL_DATA: '/d', PUSHPOOL_LOG: 'json', AWS_ENDPOINT_URL_DYNAMODB: 'http://x' }
    expect(parseStartOptions({}, {})).toEqual({
      port: 4200,
      dataDir: '.pushpool',
      logFormat: 'text',
      dynamoDbEndpoint: undefined,
      requireKeys: false,
      taskApiKey: undefined,
    })
    expect(parseStartOptions({}, env)).toMatchObject({
      port: 1,
      dataDir: '/d',
      logFormat: 'json',
      dynamoDbEndpoint: 'http://x',
    })
    expect(parseStartOptions({ port: '2', data: 'e' }, env)).toMatchObject({ port: 2, dataDir: 'e' })
    for (const port of ['-1', '65536', 'x', '']) {
      expect(() => parseStartOptions({ port }, {})).toThrow(`Invalid port '${port}' (0–65535).`)
    }
  })

  it('requires keys when configured to, and rejects incomplete settings', () => {
    const { text } = newApiKey({ name: 'tasks', scope: 'work', created: 1, expires: null })
    const env = { PUSHPOOL_REQUIRE_KEYS: 'true', PUSHPOOL_TASK_API_KEY: text }
    expect(parseStartOptions({}, env)).toMatchObject({ requireKeys: true, taskApiKey: text })
    const off = { PUSHPOOL_REQUIRE_KEYS: 'false' }
    expect(parseStartOptions({ requireKeys: true }, off)).toMatchObject({ requireKeys: true })
    for (const word of ['yes', '1', 'TRUE']) {
      expect(() => parseStartOptions({}, { PUSHPOOL_REQUIRE_KEYS: word })).toThrow('must be true or false')
    }
    const cut = text.slice(0, -1)
    const parse = () => parseStartOptions({}, { PUSHPOOL_TASK_API_KEY: cut })
    expect(parse).toThrow(/^PUSHPOOL_TASK_API_KEY is not an API key/)
    expect(parse).not.toThrow(cut)
  })
})
