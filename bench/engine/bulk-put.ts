import { Agent, request } from 'node:http'
import { toItem } from '#shared/storage/dynamo/expression.ts'

/** DynamoDB's limit for one TransactWriteItems. */
const ITEMS_MAX = 100
const CONNECTIONS = 4

/**
 * Puts items into a local engine over its own protocol: without the SDK, with a signature in form only, as no local
 * engine checks it, and by TransactWriteItems, since the engine commits (and syncs) once for each of these, but once for
 * each item of a BatchWriteItem.
 */
export async function bulkPut(endpoint: string, tableName: string, items: Iterable<object>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const iterator = items[Symbol.iterator]()
  const putNext = async () => {
    for (let batch = take(iterator); batch.length > 0; batch = take(iterator)) {
      const puts = batch.map((item) => ({ Put: { TableName: tableName, Item: toItem(item) } }))
      await send(endpoint, agent, JSON.stringify({ TransactItems: puts }))
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, putNext))
  agent.destroy()
}

function take(items: Iterator<object>): object[] {
  const batch: object[] = []
  while (batch.length < ITEMS_MAX) {
    const next = items.next()
    if (next.done) break
    batch.push(next.value)
  }
  return batch
}

const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'DynamoDB_20120810.TransactWriteItems',
  'x-amz-date': '20260101T000000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=, Signature=',
}

function send(endpoint: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { ...HEADERS, 'content-length': Buffer.byteLength(body) }
    const sending = request(endpoint, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`TransactWriteItems: ${response.statusCode} ${text.slice(0, 300)}`))
      })
    })
    sending.on('error', reject)
    sending.end(body)
  })
}
