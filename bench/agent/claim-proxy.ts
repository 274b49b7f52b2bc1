import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import type { Bench } from '../workload.ts'

export interface ClaimProxy {
  url: string
  /** Resolves with the instant at which the next claim call has its whole answer, of performance.now(). */
  nextClaim: () => Promise<number>
}

/** Opens a proxy to a service, which tells when an agent's claim call is answered. */
export async function openClaimProxy(target: string, { onEnd }: Pick<Bench, 'onEnd'>): Promise<ClaimProxy> {
  const { hostname, port } = new URL(target)
  let waiting: ((instant: number) => void)[] = []
  const server = createServer((incoming, response) => {
    const { method, url = '', headers } = incoming
    const sending = request({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      if (!url.endsWith('/claim')) return
      answer.on('end', () => {
        for (const settle of waiting) settle(performance.now())
        waiting = []
      })
    })
    sending.on('error', () => response.destroy())
    response.on('close', () => sending.destroy())
    incoming.pipe(sending)
  })
  onEnd(async () => {
    server.closeAllConnections()
    await promisify(server.close.bind(server))()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nextClaim: () => new Promise((resolve) => waiting.push(resolve)),
  }
}
