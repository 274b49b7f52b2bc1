import { TransactionInProgressException } from '@aws-sdk/client-dynamodb'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { LeftUnprocessed } from '#shared/storage/dynamo/left-unprocessed.ts'
import { TransactionRefused } from '#shared/storage/dynamo/transact.ts'
import { answerError } from '../../../functions/api/errors.ts'

const ignore = () => undefined
const DEPS = { log: { info: ignore, warn: ignore, error: ignore }, metrics: { count: ignore, seconds: ignore } }

/** What a caller gets of a route that raises an error. */
async function answerTo(error: Error) {
  const app = new Hono()
  app.get('/', () => {
    throw error
  })
  app.onError((raised, c) => answerError(DEPS, raised, c))
  const answer = await app.request('/')
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.json() }
}

it.each([
  ['a transaction that conflicts each time', new TransactionRefused([{ Code: 'TransactionConflict' }])],
  ['a batch of which a part is left unprocessed each time', new LeftUnprocessed(3)],
  ['a transaction under way', new TransactionInProgressException({ message: 'in progress', $metadata: {} })],
  ['a connection that is cut', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
])('%s is answered 503, to be sent again', async (_, error) => {
  expect(await answerTo(error)).toMatchObject({ status: 503, retryAfter: '1', body: { code: 'unavailable' } })
})

it('what is unexpected is answered 500, without a word of it', async () => {
  expect(await answerTo(new TypeError('a secret'))).toEqual({
    status: 500,
    retryAfter: null,
    body: { code: 'internal', detail: 'Internal Server Error', exception_message: 'Internal Server Error' },
  })
})
