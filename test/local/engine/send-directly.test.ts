import { createServer } from 'node:http'
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net'
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { type DynamoDbEngine, startDynoxide } from '../../../local/engine/dynoxide.ts'
import { sendDirectly } from '../../../local/engine/send-directly.ts'

const tableName = 'pushpool'
let engine: DynamoDbEngine
let direct: Table
let throughSdk: Table
let directRequests: ReturnType<typeof sendDirectly>

beforeAll(async () => {
  engine = await startDynoxide()
  direct = openTable({ tableName, endpoint: engine.endpoint })
  throughSdk = openTable({ tableName, endpoint: engine.endpoint })
  directRequests = sendDirectly(direct, engine.endpoint)
  await ensureTable(direct)
})
afterAll(async () => {
  directRequests.close()
  throughSdk.client.destroy()
  await engine.stop()
})

const Key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } })
const absent = { ConditionExpression: 'attribute_not_exists(pk)' }
const put = (pk: string, rest = {}) =>
  new PutItemCommand({ TableName: tableName, Item: { ...Key(pk), ...rest }, ...absent })

/** What a request returns or throws by either way, without transport details. */
async function outcome(table: Table, command: object) {
  try {
    const { $metadata: _, ...output } = await table.client.send(command as GetItemCommand)
    return output
  } catch (error) {
    const { name, message, $fault } = error as Error & { $fault?: string }
    if (!$fault) throw error
    const reasons = error instanceof TransactionCanceledException ? error.CancellationReasons : undefined
    return { name, message, $fault, reasons }
  }
}

describe('requests sent straight to the engine', () => {
  it('return what they do through the SDK', async () => {
    const binary = {
      json: { B: Buffer.from('zażółć') },
      nested: { M: { B: { S: 'a name' }, list: { L: [{ B: new Uint8Array([0, 255]) }] } } },
    }
    await direct.client.send(put('one', { n: { N: '1' }, ...binary }))
    await throughSdk.client.send(put('two', { flag: { BOOL: true }, none: { NULL: true }, set: { SS: ['a', 'b'] } }))
    const commands = [
      () => new GetItemCommand({ TableName: tableName, Key: Key('one') }),
      () => new GetItemCommand({ TableName: tableName, Key: Key('missing') }),
      () => new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: [Key('two')], ConsistentRead: true } } }),
      () =>
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: 'one' } },
        }),
      () => put('one'),
      () => new UpdateItemCommand({ TableName: tableName, Key: Key('one'), UpdateExpression: 'nonsense' }),
      () => new GetItemCommand({ TableName: 'no-such-table', Key: Key('one') }),
      () => {
        const Put = (pk: string) => ({ Put: { TableName: tableName, Item: Key(pk), ...absent } })
        return new TransactWriteItemsCommand({ TransactItems: [Put('three'), Put('one')] })
      },
    ]
    for (const command of commands)
      expect(await outcome(direct, command())).toEqual(await outcome(throughSdk, command()))
  })

  it("throw errors that are instances of the SDK's classes", async () => {
    await direct.client.send(put('taken'))
    await expect(direct.client.send(put('taken'))).rejects.toThrow(ConditionalCheckFailedException)
    const elsewhere = new GetItemCommand({ TableName: 'no-such-table', Key: Key('one') })
    await expect(direct.client.send(elsewhere)).rejects.toThrow(ResourceNotFoundException)
  })

  it('are retried only if the engine had closed the idle connection', async () => {
    let served = 0
    const server = createServer((request, response) => {
      served += 1
      // The second request on a connection meets its end before any of it is read.
      if (served === 2) request.socket.resetAndDestroy()
      else response.end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const endpoint = `http://127.0.0.1:${address.port}`
    const table = openTable({ tableName, endpoint })
    const { close } = sendDirectly(table, endpoint)
    onTestFinished(close)
    const get = () => table.client.send(new GetItemCommand({ TableName: tableName, Key: Key('one') }))
    await get()
    await get()
    expect(served).toBe(3)
    server.closeAllConnections()
    server.close()
    await expect(get()).rejects.toThrow('ECONNREFUSED')
  })

  it('may outnumber the connections, and each gets its own response, however long', async () => {
    const long = 'ł'.repeat(100_000)
    const keys = Array.from({ length: 80 }, (_, at) => `many-${at}`)
    await Promise.all(keys.map((key) => direct.client.send(put(key, { text: { S: `${key} ${long}` } }))))
    const read = async (key: string) => {
      const { Item } = await direct.client.send(new GetItemCommand({ TableName: tableName, Key: Key(key) }))
      return Item?.text?.S
    }
    expect(await Promise.all(keys.map(read))).toEqual(keys.map((key) => `${key} ${long}`))
  })

  it.each([
    ['is cut short', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}', 'closed the connection'],
    ['does not say how long it is', 'HTTP/1.1 200 OK\r\n\r\n{}', 'no Content-Length'],
  ])('fail when the response %s', async (_, answer, words) => {
    const server = createNetServer((socket) => void socket.once('data', () => socket.end(answer)))
    const send = await sendTo(server)
    await expect(send()).rejects.toThrow(words)
  })

  it('are assembled from fragments of a response', async () => {
    const body = '{"Item":{"a":{"S":"b"}}}'
    const pieces = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`.match(/[^]{1,7}/g) ?? []
    const server = createNetServer((socket) => {
      socket.setNoDelay(true).once('data', () => void writeSlowly(socket, pieces))
    })
    const send = await sendTo(server)
    expect(await send()).toMatchObject({ Item: { a: { S: 'b' } } })
  })
})

/** Opens a server that stands in for the engine; returns a function that sends it a request. */
async function sendTo(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const table = openTable({ tableName, endpoint })
  const { close } = sendDirectly(table, endpoint)
  onTestFinished(() => {
    close()
    server.close()
  })
  return () => table.client.send(new GetItemCommand({ TableName: tableName, Key: Key('one') }))
}

/** Each fragment as a separate packet. */
async function writeSlowly(socket: Socket, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    socket.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
