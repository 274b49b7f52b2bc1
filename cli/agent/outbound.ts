import * as http from 'node:http'
import * as tls from 'node:tls'

type Env = Record<string, string | undefined>

/** Where no proxy stands in between, whatever the environment says: a service on this machine is not the proxy's. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Has calls of this process go as those of other programs on the host: through the proxy that HTTPS_PROXY or HTTP_PROXY
 * names (but for NO_PROXY), trusting the system's certificate authorities beside Node's own and NODE_EXTRA_CA_CERTS. To
 * be called before the first request. Returns sentences on what is unusual, for the log.
 */
export function configureOutbound(apiUrl: string, env: Env): string[] {
  const { protocol, hostname } = new URL(apiUrl)
  const [name, given] = proxyOf(protocol, env)
  const proxy = LOOPBACK.includes(hostname) ? undefined : given
  if (protocol === 'https:' && (proxy || env.SSL_CERT_FILE || env.SSL_CERT_DIR)) trustSystem()
  if (proxy === undefined) return []
  // Node reads these variables at its start and only when NODE_USE_ENV_PROXY says so; from 24.14 on they can be set later.
  if (typeof http.setGlobalProxyFromEnv !== 'function') {
    if (env.NODE_USE_ENV_PROXY === '1') return []
    return [`This Node (${process.version}) ignores ${name} unless NODE_USE_ENV_PROXY=1 is set, too.`]
  }
  const noProxy = [env.no_proxy || env.NO_PROXY, ...LOOPBACK].filter(Boolean).join(',')
  http.setGlobalProxyFromEnv({ HTTP_PROXY: httpProxy(env), HTTPS_PROXY: httpsProxy(env), NO_PROXY: noProxy })
  return [`Calls go through the proxy that ${name} names, ${withoutCredentials(proxy)}, but for hosts in NO_PROXY.`]
}

const httpProxy = (env: Env) => env.http_proxy || env.HTTP_PROXY || undefined
const httpsProxy = (env: Env) => env.https_proxy || env.HTTPS_PROXY || undefined

function proxyOf(protocol: string, env: Env): [name: string, proxy: string | undefined] {
  return protocol === 'https:' ? ['HTTPS_PROXY', httpsProxy(env)] : ['HTTP_PROXY', httpProxy(env)]
}

/**
 * Companies put the certificates of their proxies there, and SSL_CERT_FILE and SSL_CERT_DIR count as part of it. It takes
 * 140 ms, so Node does it only when NODE_USE_SYSTEM_CA=1, and we where there is a sign that it is needed.
 */
function trustSystem(): void {
  if (typeof tls.setDefaultCACertificates !== 'function') return
  tls.setDefaultCACertificates([...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])])
}

function withoutCredentials(proxy: string): string {
  return URL.canParse(proxy) ? new URL(proxy).origin : 'which is no URL'
}
