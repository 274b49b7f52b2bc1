import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** What becomes of one request. `swallowed`: it is carried out, and its answer is lost; `lateMs`: or comes so much later. */
export type Fate = 'passed' | 'dropped' | 'swallowed' | { status: number } | { lateMs: number }

interface Passing {
  method: string
  path: string
  authorization: string | undefined
  body: string
}

/** What stands between an agent and its service, and does to requests what networks do. */
export interface ApiProxy {
  url: string
  /** The fate of each request; all pass at first. */
  decide: (request: Passing) => Fate | Promise<Fate>
  /** Every request that came in. */
  requests: Passing[]
  /** Nobody listens any more. */
  close(): Promise<void>
  /** Somebody listens again, at the same address. */
  open(): Promise<void>
}

/** Opens a proxy to a service. */
export async function openProxy(target: string): Promise<ApiProxy> {
  const requests: Passing[] = []
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => void handle(incoming, Buffer.concat(chunks).toString(), response))
  })
  const handle = async (incoming: IncomingMessage, body: string, response: ServerResponse) => {
    const { method = '', url = '', headers } = incoming
    const passing = { method, path: url, authorization: headers.authorization, body }
    requests.push(passing)
    const fate = await proxy.decide(passing)
    if (fate === 'dropped') return void response.socket?.destroy()
    if (typeof fate === 'object' && 'status' in fate) return void response.writeHead(fate.status).end()
    const answer = await forward(target, incoming, body)
    if (typeof fate === 'object') await sleep(fate.lateMs)
    if (fate === 'swallowed') response.socket?.destroy()
    else response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.text)
  }
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const listen = (port: number) => new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  onTestFinished(close)
  const proxy: ApiProxy = {
    url: `http://127.0.0.1:${port}`,
    decide: () => 'passed',
    requests,
    close,
    open: () => listen(port),
  }
  return proxy
}

/** Carries a request out, whether or not somebody waits for the answer. */
function forward(target: string, { method, url, headers }: IncomingMessage, body: string) {
  const { host } = new URL(target)
  return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
    const request = send(`${target}${url}`, { method, headers: { ...headers, host } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const type = answer.headers['content-type'] ?? 'application/json'
        resolve({ status: answer.statusCode ?? 0, type, text: Buffer.concat(chunks).toString() })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Whether a request is a claim call. */
export const isClaim = ({ path }: Pick<Passing, 'path'>): boolean => path.endsWith('/claim')
