import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAuthorizer } from '../../functions/authorizer.ts'
import { type ApiKey, newApiKey } from '../../shared/api-key/api-key.ts'
import { addSeconds } from '../../shared/instant.ts'
import { putApiKey } from '../../shared/storage/put-api-key.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  world.settings.requireKeys = true
})
afterAll(() => world.close())

function ask(authorization?: string, rawPath = '/api/work_pools/filter') {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  const requestContext = { http: { sourceIp: '198.51.100.7' } }
  const event = { version: '2.0', type: 'REQUEST', rawPath, headers, requestContext }
  return createAuthorizer(world)(event as unknown as APIGatewayRequestAuthorizerEventV2)
}

async function storedKey(change: Partial<ApiKey> = {}) {
  const { key, text } = newApiKey({ name: 'k', scope: 'operate', created: world.clock.now(), expires: null })
  await putApiKey(world.table, { ...key, ...change })
  return { key, text }
}

it('lets a key in and hands its scope on', async () => {
  const { key, text } = await storedKey()
  const granted = { isAuthorized: true, context: { scope: 'operate', keyId: key.id } }
  expect(await ask(`Bearer ${text}`)).toEqual(granted)
  expect(await ask(`Basic ${Buffer.from(`user:${text}`).toString('base64')}`)).toEqual(granted)
})

it('refuses no key, a wrong, an unknown, a revoked and an expired one alike', async () => {
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
  for (const answer of answers) expect(answer).toEqual({ isAuthorized: false, context: { scope: null, keyId: null } })
  expect(JSON.stringify(world.logged)).not.toContain(text.slice(-43))
})

it('needs no key for health and readiness, and for nothing that only looks like them', async () => {
  for (const path of ['/api/health', '/api/health/', '/api/ready']) {
    expect(await ask(undefined, path)).toMatchObject({ isAuthorized: true, context: { scope: null } })
  }
  for (const path of ['/health', '/api/healthy', '/api/health/x', '/api/work_pools/health', '/api//health']) {
    expect((await ask(undefined, path)).isAuthorized).toBe(false)
  }
})

it('lets everybody do everything where no keys are asked for', async () => {
  world.settings.requireKeys = false
  expect(await ask()).toEqual({ isAuthorized: true, context: { scope: 'admin', keyId: null } })
  world.settings.requireKeys = true
})
