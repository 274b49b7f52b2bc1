import { Agent, request, type RequestOptions } from 'node:http'
import type { Table } from '../shared/storage/table.ts'

interface Answer {
  status: number
  text: string
}

const CONNECTIONS_MAX = 50
const TIMEOUT_MS = 5_000
const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  // The engine looks at a signature's form alone.
  'x-amz-date': '20260101T000000Z',
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
}

/**
 * Has the table's client send its requests straight to an engine on loopback, as JSON over plain HTTP. The statements are
 * the same, and middleware of the step `initialize` (which injects faults and counts units) sees them as ever; what is
 * left out is what the SDK does for AWS: finding the endpoint, signing, and walking every item by its schema, together
 * two thirds of a request's CPU time. Without the SDK's retries, an error says at once what happened.
 */
export function sendDirectly(table: Table, endpoint: string): { close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX })
  const { hostname: host, port } = new URL(endpoint)
  const to: RequestOptions = { agent, host, port, method: 'POST', path: '/', timeout: TIMEOUT_MS }
  table.client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        const operation = commandName.replace(/Command$/, '')
        const { status, text } = await send(to, operation, JSON.stringify(input, withBase64))
        const reply = parse(text)
        if (status !== 200) throw serviceError(status, reply)
        return { response: {}, output: Object.assign(reply, { $metadata: { httpStatusCode: status } }) as never }
      },
    { step: 'serialize', priority: 'high', name: 'sendDirectly' },
  )
  return { close: () => agent.destroy() }
}

async function send(to: RequestOptions, operation: string, body: string): Promise<Answer> {
  try {
    return await exchange(to, operation, body)
  } catch (error) {
    if (!(error instanceof ClosedMeanwhile)) throw error
    return await exchange(to, operation, body)
  }
}

/** A kept connection was closed by the engine as the request went out, so nobody has read it. */
class ClosedMeanwhile extends Error {}

function exchange(to: RequestOptions, operation: string, body: string): Promise<Answer> {
  const headers = {
    ...HEADERS,
    'x-amz-target': `DynamoDB_20120810.${operation}`,
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve, reject) => {
    const sending = request({ ...to, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
    })
    sending.on('timeout', () => sending.destroy(named('TimeoutError', `no answer within ${TIMEOUT_MS} ms`)))
    sending.on('error', (error: Error & { code?: string }) => {
      reject(sending.reusedSocket && error.code === 'ECONNRESET' ? new ClosedMeanwhile(error.message) : error)
    })
    sending.end(body)
  })
}

/** Binary attributes travel in base64. Buffers have become something else by now, so the value is looked up once more. */
function withBase64(this: unknown, key: string, value: unknown): unknown {
  if (key !== 'B') return value
  const own = (this as Record<string, unknown>)[key]
  return own instanceof Uint8Array ? Buffer.from(own).toString('base64') : value
}

function parse(text: string): Record<string, unknown> {
  // Most answers hold nothing binary, and then a plain parse takes a third of the time.
  if (!text.includes('"B":"')) return JSON.parse(text) as Record<string, unknown>
  const fromBase64 = (key: string, value: unknown) =>
    key === 'B' && typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value
  return JSON.parse(text, fromBase64) as Record<string, unknown>
}

/** The error that the SDK would throw: each of its classes (not their base) knows its own by the name and these members. */
function serviceError(status: number, reply: Record<string, unknown>): Error {
  const { __type: type = '', Message, message = Message, ...rest } = reply
  const name = String(type).replace(/^.*#/, '')
  const $metadata = { httpStatusCode: status }
  return Object.assign(named(name, String(message)), rest, { $fault: status < 500 ? 'client' : 'server', $metadata })
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}
