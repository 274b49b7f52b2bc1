import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const MAIN = join(import.meta.dirname, '../../../cli/main.ts')
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.log('certificates are not tried, since openssl is not here')

/** Runs a command that calls an API once. */
function list(url: string, env: Record<string, string>): Promise<{ code: number; out: string; err: string }> {
  const options = { env: { PATH: process.env.PATH, HOME: '/nowhere', ...env } }
  return new Promise((resolve) => {
    const args = [MAIN, 'agent', 'ls', '-o', 'json', '--api', url]
    execFile(process.execPath, args, options, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A proxy that takes whatever is asked of it to one port here. It notes where it was asked to go. */
async function openProxy(port: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]')
  })
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    const onward = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    onward.pipe(socket).pipe(onward)
    for (const each of [onward, socket]) each.on('error', () => socket.destroy())
  })
  return { url: `http://127.0.0.1:${await listen(server)}`, asked }
}

const answersNone = () => createServer((_, response) => void response.end('[]'))

describe('calls of the command line', () => {
  it('go through the proxy that the environment names', async () => {
    const proxy = await openProxy(await listen(answersNone()))
    const done = await list('http://pools.test/api', { HTTP_PROXY: proxy.url })
    expect(done).toEqual({ code: 0, out: '[]\n', err: '' })
    expect(proxy.asked.join()).toContain('pools.test')
  })

  it('go past it to hosts in NO_PROXY, and to this machine', async () => {
    const port = await listen(answersNone())
    const proxy = await openProxy(port)
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: '.test' }
    expect(await list('http://pools.test/api', env)).toMatchObject({
      code: 1,
      err: expect.stringContaining('pools.test'),
    })
    expect(await list(`http://127.0.0.1:${port}/api`, env)).toMatchObject({ code: 0, out: '[]\n' })
    expect(proxy.asked).toEqual([])
  })

  it.skipIf(!hasOpenssl)('trust certificates that NODE_EXTRA_CA_CERTS or SSL_CERT_FILE names', async () => {
    const { key, cert, file } = makeCertificate()
    const port = await listen(createTlsServer({ key, cert }, (_, response) => void response.end('[]')))
    const url = `https://localhost:${port}/api`
    expect(await list(url, {})).toMatchObject({ code: 1, out: '' })
    for (const name of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']) {
      expect(await list(url, { [name]: file })).toEqual({ code: 0, out: '[]\n', err: '' })
    }
    const proxy = await openProxy(port)
    const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: file }
    expect(await list('https://pools.test/api', env)).toEqual({ code: 0, out: '[]\n', err: '' })
    expect(proxy.asked).toEqual(['pools.test:443'])
  })
})

/** A certificate that signs itself, for a day. */
function makeCertificate() {
  const folder = temporaryFolder()
  const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = 'subjectAltName=DNS:localhost,DNS:pools.test'
  const args = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '1', '-subj', '/CN=test']
  execFileSync('openssl', ['req', '-x509', '-nodes', ...args, '-addext', names, '-keyout', keyFile, '-out', file], {
    stdio: 'ignore',
  })
  return { key: readFileSync(keyFile), cert: readFileSync(file), file }
}
