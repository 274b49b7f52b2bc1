import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { isOpenPath } from '#shared/api-key/scope.ts'
import { requestOf } from '#shared/client/request.ts'
import { encodePath, pathProblem } from '../../../functions/api/path.ts'
import { awsRawPath } from '../../support/aws-raw-path.ts'
import { oddSegments } from '../../support/fixtures/odd-segments.ts'

const decoded = oddSegments('keep').map((segment) => awsRawPath(`/${segment}`).slice(1))

it('the client refuses to send what the service refuses in a segment', () => {
  const get = { method: 'GET', path: '/variables/name/:name' } as const
  for (const segment of decoded.filter((each) => each.length < 256 && pathProblem(`/${each}`) !== undefined)) {
    expect(() => requestOf(get, { name: segment })).toThrow(TypeError)
  }
})

it('the router finds in an encoded path what was in the decoded one, character by character', async () => {
  const app = new Hono({ strict: false }).get('/name/:name', (c) => c.json(c.req.param('name')))
  const good = decoded.filter((each) => each !== '' && !each.includes('/') && pathProblem(`/${each}`) === undefined)
  expect(good.length).toBeGreaterThan(20)
  for (const name of [...good, '+', 'a+b', '&', '=', 'ü', '名前', "!'()*~"]) {
    const reply = await app.request(`https://pushpool${encodePath(`/name/${name}`)}`)
    expect(await reply.json()).toBe(name)
  }
})

it('no odd path is open to callers without a key', () => {
  for (const segment of decoded.filter((each) => each !== '')) {
    for (const path of [`/api/health/${segment}`, `/api/${segment}/health`, `/api/${segment}`])
      expect([path, isOpenPath(path)]).toEqual([path, false])
  }
})
