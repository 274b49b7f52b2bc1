import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

interface ReceivedRequest {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** What the server does with one request. */
export type Behaviour = (response: ServerResponse, request: ReceivedRequest) => void

export interface MisbehavingServer {
  url: string
  /** Every request that has come in, with its body. */
  received: ReceivedRequest[]
  /** The number of open connections. */
  connections: () => Promise<number>
  close: () => Promise<void>
}

/** A real HTTP server that handles each request with the next behaviour, and then all with the last one. */
export async function openMisbehavingServer(...behaviours: Behaviour[]): Promise<MisbehavingServer> {
  const received: ReceivedRequest[] = []
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming
      const request = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
      const behaviour = behaviours[received.length] ?? behaviours.at(-1)
      received.push(request)
      behaviour?.(response, request)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
  }
  onTestFinished(close)
  const connections = () =>
    new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, connections, close }
}

export const answers =
  (status: number, body: unknown, headers: Record<string, string> = {}): Behaviour =>
  (response) => {
    const type = typeof body === 'string' ? 'text/html' : 'application/json'
    response
      .writeHead(status, { 'content-type': type, ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  }

/** Carries out the request, but the response never arrives. */
export const dropsTheConnection: Behaviour = (response) => void response.socket?.destroy()

export const answersByHalf: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
  response.write('{"id": "half', () => response.socket?.destroy())
}

export const neverAnswers: Behaviour = () => {}
