import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AgentStatus } from '../agent-status.ts'
import { type Health, judgeHealth, judgeReadiness } from './judge-health.ts'
import { METRICS_TYPE, metricsText } from './metrics-text.ts'

/** What is served, and where. */
export interface HealthOptions {
  host: string
  /** 0 for any free one. */
  port: number
  agent: { name: string; version: string }
  status: () => AgentStatus
}

export interface HealthServer {
  url: string
  close(): void
}

const OK = 200
const NOT_FOUND = 404
const NOT_ALLOWED = 405
const UNAVAILABLE = 503

/**
 * Serves an agent's `/healthz`, `/readyz` and `/metrics`. It keeps no process alive, and has nothing to hide or to change;
 * yet it is not meant for the internet. Rejects when it can't listen there.
 */
export async function serveHealth({ host, port, agent, status }: HealthOptions): Promise<HealthServer> {
  const started = performance.now()
  const server = createServer(({ method = '', url = '' }, response) => {
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(NOT_ALLOWED, { allow: 'GET, HEAD' }).end()
    const [path] = url.split('?')
    if (path === '/healthz') answer(response, judgeHealth(status(), (performance.now() - started) / 1000))
    else if (path === '/readyz') answer(response, judgeReadiness(status()))
    else if (path === '/metrics') send(response, OK, METRICS_TYPE, metricsText(agent, status()))
    else send(response, NOT_FOUND, 'text/plain; charset=utf-8', 'There are /healthz, /readyz and /metrics.\n')
  })
  server.listen(port, host)
  await once(server, 'listening')
  server.unref()
  const { port: bound } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close }
}

function answer(response: ServerResponse, health: Health): void {
  send(response, health.ok ? OK : UNAVAILABLE, 'application/json', `${JSON.stringify(health)}\n`)
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
}
