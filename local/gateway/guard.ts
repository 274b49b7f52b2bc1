import type { IncomingMessage } from 'node:http'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']
const HTTP_PORT = 80

/**
 * Decides who may call. The service runs commands for any caller, and a web page that the user merely visits reaches
 * loopback too: by a name of its own that resolves to 127.0.0.1 (its Host then says so), or by a plain cross-site
 * request (its Origin then says so).
 */
export function createGuard(port: number): (request: IncomingMessage) => string | undefined {
  const hosts = new Set(LOOPBACK_NAMES.map((name) => `${name}:${port}`))
  if (port === HTTP_PORT) for (const name of LOOPBACK_NAMES) hosts.add(name)
  const origins = new Set([...hosts].map((host) => `http://${host}`))
  return ({ headers: { host, origin } }) => {
    if (host === undefined || !hosts.has(host.toLowerCase())) return 'Host is not a loopback address of this service'
    if (origin !== undefined && !origins.has(origin.toLowerCase())) return 'Origin is not this service'
    return undefined
  }
}
