import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ApiKey, newApiKey } from '#shared/api-key/api-key.ts'
import type { Deps } from '#shared/deps.ts'
import { addSeconds } from '#shared/instant.ts'
import { createApiKey } from '#shared/storage/api-key/create-api-key.ts'
import { createAuthorizer } from '../../../functions/authorizer/handler.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  world.settings.requireKeys = true
})
afterAll(() => world.close())

/** Admitted without a scope, so that the api function answers as Prefect does. */
const ANONYMOUS = { isAuthorized: true, context: {} }

function ask(authorization?: string, rawPath = '/api/work_pools/filter', deps: Deps = world) {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  const requestContext = { http: { sourceIp: '198.51.100.7' } }
  const event = { version: '2.0', type: 'REQUEST', rawPath, headers, requestContext }
  return createAuthorizer(deps)(event as unknown as APIGatewayRequestAuthorizerEventV2)
}

async function storedKey(change: Partial<ApiKey> = {}) {
  const { key, text } = newApiKey({ name: 'k', scope: 'operate', created: world.clock.now(), expires: null })
  await createApiKey(world.table, { ...key, ...change })
  return { key, text }
}

it('accepts a key and passes its scope on', async () => {
  const { key, text } = await storedKey()
  const granted = { isAuthorized: true, context: { scope: 'operate', keyId: key.id } }
  expect(await ask(`Bearer ${text}`)).toEqual(granted)
  // As Prefect's clients send PREFECT_API_AUTH_STRING: in Base64, with a user or without.
  for (const authString of [`user:${text}`, text]) {
    expect(await ask(`Basic ${Buffer.from(authString).toString('base64')}`)).toEqual(granted)
  }
})

it('passes on no identity for a missing, wrong, unknown, revoked or expired key', async () => {
  const { text } = await storedKey()
  const revoked = await storedKey({ revoked: world.clock.now() })
  const expired = await storedKey({ expires: addSeconds(world.clock.now(), -1) })
  const unknown = newApiKey({ name: 'k', scope: 'admin', created: 1, expires: null })
  const wrong = text.slice(0, -43) + unknown.text.slice(-43)
  const answers = await Promise.all(
    [undefined, '', 'Bearer x', ...[wrong, unknown.text, revoked.text, expired.text].map((key) => `Bearer ${key}`)].map(
      (header) => ask(header),
    ),
  )
  for (const answer of answers) expect(answer).toEqual(ANONYMOUS)
  for (const key of [text, revoked.text, expired.text, unknown.text]) {
    expect(JSON.stringify(world.logged)).not.toContain(key.slice(-43))
  }
})

it('reads nothing from the table for health, readiness, or without a key', async () => {
  const { text } = await storedKey()
  let reads = 0
  const watched = withInterceptor(world, (_call, go) => {
    reads += 1
    return go()
  })
  for (const path of ['/api/health', '/api/health/', '/api/ready']) {
    expect(await ask(`Bearer ${text}`, path, watched)).toEqual(ANONYMOUS)
  }
  expect(await ask(undefined, '/api/flows/filter', watched)).toEqual(ANONYMOUS)
  expect(reads).toBe(0)
  for (const path of ['/health', '/api/healthy', '/api/health/x', '/api/work_pools/health', '/api//health']) {
    expect(await ask(`Bearer ${text}`, path, watched)).toMatchObject({ context: { scope: 'operate' } })
  }
})

it('passes on that the table is unavailable, and grants nothing then', async () => {
  const { text, key } = await storedKey()
  const broken = withInterceptor(world, () => Promise.reject(new Error('throttled')))
  expect(await ask(`Bearer ${text}`, '/api/flows/filter', broken)).toEqual({
    isAuthorized: true,
    context: { keyUnread: true },
  })
  expect(world.logged.at(-1)).toEqual({
    level: 'error',
    message: 'API key not read',
    fields: { keyId: key.id, reason: 'Error: throttled' },
  })
})

it('grants everything where keys are not required', async () => {
  world.settings.requireKeys = false
  expect(await ask()).toEqual({ isAuthorized: true, context: { scope: 'admin' } })
  world.settings.requireKeys = true
})
