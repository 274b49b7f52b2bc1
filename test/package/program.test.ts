import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createWorkPool } from '#shared/contract/work-pool/work-pool.ts'
import { type App, withApp } from './support/app.ts'

const CONTRACT = `
import * as z from 'zod/mini'
import { CONTRACT, ERROR_STATUS, endpointAt, type ErrorCode } from 'pushpool/contract'

const { createWorkPool } = CONTRACT
const body = z.parse(createWorkPool.body, { name: 'main', type: 'ecs:push' })
const name: string = body.name
const code: ErrorCode = 'limit_full'
console.log(endpointAt('POST', '/work_pools/') === createWorkPool, name, ERROR_STATUS[code])
`
const CLIENT = `
import { ApiError, createClient } from 'pushpool/client'

const client = createClient({ url: process.argv[2] ?? '' })
await client.createWorkPool({ name: 'main', type: 'ecs:push', concurrency_limit: 2 })
const pool = await client.getWorkPool({ name: 'main' })
const limit: number | null = pool.concurrency_limit
const names: string[] = []
for await (const each of client.listWorkPools.each({})) names.push(each.name)
const missing: unknown = await client.getWorkPool({ name: 'other' }).catch((error: unknown) => error)
console.log(limit, names.join(), missing instanceof ApiError && missing.status)
`

/** Checks the package's own declarations too, with a compiler older than ours. */
async function prepare(app: App): Promise<void> {
  app.write('package.json', JSON.stringify({ name: 'own', version: '1.0.0', private: true, type: 'module' }))
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, types: ['node'] }
  app.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  app.write('contract.ts', CONTRACT)
  app.write('client.ts', CLIENT)
  await app.install('typescript@5.9', '@types/node@22')
  await app.run('tsc')
}

withApp('a program of its own', prepare, (app) => {
  it('installs no CDK and no AWS SDK', () => {
    expect(existsSync(join(app().folder, 'node_modules', 'zod'))).toBe(true)
    for (const name of ['aws-cdk-lib', 'constructs', '@aws-sdk']) {
      expect(existsSync(join(app().folder, 'node_modules', name))).toBe(false)
    }
  })

  it('reads the contract, as an ES module and as CommonJS', async () => {
    expect(await app().run('node', 'contract.js')).toBe('true main 423\n')
    const required = "console.log(typeof require('pushpool/contract').endpointAt)"
    expect(await app().run('node', '--input-type=commonjs', '--eval', required)).toBe('function\n')
  })

  it('shows the summary of an operation at the method of the client', () => {
    const types = join(app().folder, 'node_modules/pushpool/dist/types/shared/client/operations')
    const { summary } = createWorkPool
    expect(readFileSync(join(types, 'work-pools.d.ts'), 'utf8')).toContain(`/** ${summary} */`)
  })

  it('creates the first key, starts a service, calls it and stops it', async () => {
    const { run } = app()
    expect(await run('pushpool', 'key', 'create', '--name', 'me', '--data', 'data')).toMatch(/^pp_/)
    const { url, stop } = await startService(app())
    expect(await run('pushpool', 'key', 'list', '--url', `${url}/api`)).toMatch(/ me +work +ACTIVE/)
    expect(await stop()).toBe(0)
  })

  it('calls a service with the typed client', async () => {
    const { url, stop } = await startService(app())
    expect(await app().run('node', 'client.js', url)).toBe('2 main 404\n')
    expect(await stop()).toBe(0)
  })

  it('runs the demo', async () => {
    expect(await app().run('pushpool', 'demo')).toContain('All checks passed.')
  })
})

async function startService({ start }: App): Promise<{ url: string; stop: () => Promise<number | null> }> {
  const service = start('pushpool', 'start', '--port', '0', '--data', 'data')
  const [line] = (await once(service.stdout ?? service, 'data')) as [Buffer]
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0]
  if (url === undefined) throw new Error(`the service printed: ${String(line)}`)
  const stop = async () => {
    service.kill('SIGTERM')
    const [code] = (await once(service, 'exit')) as [number | null]
    return code
  }
  return { url, stop }
}
