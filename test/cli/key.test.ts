import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { isValidKey, parseKey } from '#shared/api-key/api-key.ts'
import { createApiKey } from '#shared/engine/api-key/create-api-key.ts'
import { getApiKey } from '#shared/storage/api-key/get-api-key.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { startService } from '../../local/service.ts'
import { dropsTheConnection, openMisbehavingServer } from '../support/misbehaving-server.ts'
import { templateOf } from '../support/stack.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { openWorld, type World } from '../support/world.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const AWS = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_EC2_METADATA_DISABLED: 'true' }

let world: World
let aws: Record<string, string>
beforeAll(async () => {
  world = await openWorld()
  const { hostname, port } = (await world.table.client.config.endpoint?.()) ?? {}
  aws = { ...AWS, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}` }
})
afterAll(() => world.close())

interface Ended {
  code: number
  out: string
  err: string
}

/** Runs `npm run -s key -- …` without npm, in a process of its own. */
function key(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, HOME: '/nowhere', ...env } }
    execFile(process.execPath, [join(ROOT, 'cli', 'main.ts'), 'key', ...args], options, (error, out, err) => {
      expect(err).not.toMatch(/^ +at /m)
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

async function letsIn(table: Table, text: string): Promise<boolean> {
  const presented = parseKey(text)
  return !!presented && isValidKey(await getApiKey(table, presented.id), presented, Date.now() * 1000)
}

it("creates the first key with the exact command in the stack's output FirstKey", async () => {
  const { Value } = templateOf().findOutputs('FirstKey').FirstKey as { Value: object }
  const command = withWords(Value, { TableName: 'pushpool', Region: 'eu-west-1' })
  expect(command).toMatch(/^npm run -s key -- /)
  const { AWS_REGION: _, ...env } = aws
  const { code, out, err } = await key(command.split(' ').slice(5), env)
  expect(code).toBe(0)
  expect(out).toMatch(/^pp_[0-9a-f]{18}_[\w-]{43}\n$/)
  expect(await letsIn(world.table, out.trim())).toBe(true)
  expect(await getApiKey(world.table, parseKey(out.trim())?.id ?? '')).toMatchObject({ name: 'admin', scope: 'admin' })
  expect(err).toContain("for 'admin' has scope admin and does not expire")
  expect(err).not.toContain(out.trim().slice(-43))
})

it('lists and revokes the keys of a table', async () => {
  const at = ['--table', 'pushpool']
  const made = await key(['create', '--name', 'ci', '--scope', 'operate', '--expires', '90d', '--json', ...at], aws)
  const { id, key: text } = JSON.parse(made.out) as { id: string; key: string }
  expect((await key(['list', ...at], aws)).out).toMatch(new RegExp(`^${id}  ci +operate  ACTIVE`, 'm'))
  expect(await key(['revoke', id, ...at], aws)).toEqual({ code: 0, out: '', err: `Key ${id} is revoked.\n` })
  expect(await letsIn(world.table, text)).toBe(false)
  const listed = await key(['list', '--json', ...at], aws)
  const own = (JSON.parse(listed.out) as { id: string }[]).find((each) => each.id === id)
  expect(own).toMatchObject({ status: 'REVOKED', name: 'ci' })
  expect(listed.out).not.toMatch(/key"|hash|pp_/i)
  expect((await key(['revoke', '0123456789abcdef01', ...at], aws)).err).toContain('not found')
})

it('reports a wrong table, region or credentials in one sentence', async () => {
  const at = (table: string, env: Record<string, string>) => key(['list', '--table', table], env)
  expect(await at('none', aws)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining("Table 'none' not found"),
  })
  const { AWS_REGION: _, ...nowhere } = aws
  expect(await at('pushpool', nowhere)).toMatchObject({ code: 1, err: expect.stringContaining('--region') })
  const { AWS_ACCESS_KEY_ID: __, ...nobody } = aws
  expect(await at('pushpool', nobody)).toMatchObject({ code: 1, err: expect.stringContaining('No AWS credentials') })
  expect(await key(['create'])).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/'--name <name>' not specified[^]+Usage:/),
  })
  expect(await key(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('Usage:'), err: '' })
})

it('creates the first key of a local service, which then requires it', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const first = await key(['create', '--name', 'me', '--scope', 'admin', '--data', dataDir])
  expect(first.code).toBe(0)
  const service = await startService({ dataDir, port: 0, log: quiet, requireKeys: true })
  onTestFinished(() => service.stop())
  const url = `${service.url}/api`
  const at = { PUSHPOOL_API_URL: url }

  const busy = await key(['list', '--data', dataDir])
  expect(busy).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Omit --data') })
  const stranger = await key(['list'], at)
  expect(stranger).toMatchObject({ code: 1, out: '', err: expect.stringContaining('PUSHPOOL_API_KEY') })

  const admin = { ...at, PUSHPOOL_API_KEY: first.out.trim() }
  const second = await key(['create', '--name', 'agent'], admin)
  expect(await letsIn(service.deps.table, second.out.trim())).toBe(true)
  const weak = await key(['list', '--url', url], { PUSHPOOL_API_KEY: second.out.trim() })
  expect(weak).toMatchObject({ code: 1, err: 'This needs a key of scope "admin".\n' })
  expect((await key(['revoke', parseKey(first.out.trim())?.id ?? ''], admin)).err).toContain('use another key')
  expect(await key(['revoke', parseKey(second.out.trim())?.id ?? ''], admin)).toMatchObject({ code: 0 })
  expect((await key(['list'], { ...at, PUSHPOOL_API_KEY: second.out.trim() })).err).toContain('expired or been revoked')
  expect((await key(['list'], admin)).out.split('\n').map((line) => line.split(/ +/)[3])).toEqual([
    'STATUS',
    'REVOKED',
    'ACTIVE',
    undefined,
  ])
})

it('lists more than a page of keys, and reports when nothing listens', async () => {
  const service = await startService({ dataDir: temporaryFolder(), port: 0, log: quiet })
  const url = `${service.url}/api`
  const names = Array.from({ length: 201 }, (_, n) => `k${n}`)
  for (const name of names) await createApiKey(service.deps, { name, scope: 'work' }, null)
  const { out } = await key(['list', '--json', '--url', url])
  expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual(names.toReversed())
  await service.stop()
  expect(await key(['list', '--url', url])).toMatchObject({
    code: 1,
    err: expect.stringContaining('Nothing is listening'),
  })
})

it('creates no second key when it is unknown whether the first was created', async () => {
  const { url, received } = await openMisbehavingServer(dropsTheConnection)
  const { code, out, err } = await key(['create', '--name', 'ci', '--url', url])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(/^No answer from .* A key may have been created nevertheless; check with 'list'\.$/m)
  expect(received).toHaveLength(1)
})

/** A CloudFormation text with placeholders for what is known only on AWS. */
function withWords(value: object, words: { TableName: string; Region: string }): string {
  const {
    'Fn::Join': [, parts],
  } = value as { 'Fn::Join': [string, (string | { Ref: string })[]] }
  return parts
    .map((part) => (typeof part === 'string' ? part : part.Ref === 'AWS::Region' ? words.Region : words.TableName))
    .join('')
}
