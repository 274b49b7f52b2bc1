import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { TABLE_FORMAT } from '#shared/storage/dynamo/table.ts'
import { type Bundle, bundleFunctions } from '../../scripts/bundle.ts'
import { median } from '../report/statistics.ts'
import type { Bench, Report, Workload } from '../workload.ts'

export const bundles: Workload = {
  name: 'bundles',
  title: "Each function's bundle, and how long Node takes to import it",
  run: measure,
}

/** The design's bars for the api function. */
const IMPORTED_KILOBYTES_BAR = 450
const IMPORT_MS_BAR = 70
const BYTES_PER_KILOBYTE = 1_000

/** Requests that the api answers without the table, for their schemas refuse them: of the core, and of other routes. */
const REFUSED = ['/api/flow_runs/', '/api/variables/']
/** What the api's environment must hold for them. */
const ENV = {
  AWS_REGION: 'us-east-1',
  STACK_NAME: 'bench',
  TABLE_NAME: 'bench',
  WAKE_UP_QUEUE_URL: 'http://127.0.0.1:9/1/bench',
  API_URL: 'http://127.0.0.1/api',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  REQUIRE_KEYS: 'false',
}

const run = promisify(execFile)
/** Everything up to here is Node's own start, which Lambda's runtime has behind it as well. */
const TIMED = `
  const begun = performance.now()
  const { handler } = await import(process.argv[1])
  const imported = performance.now()
  if (process.argv[2]) await handler(JSON.parse(process.argv[2]), {})
  console.log(JSON.stringify([imported - begun, performance.now() - imported]))`

async function measure(bench: Bench): Promise<Report> {
  bench.progress('bundling')
  const bundled = await bundleFunctions(join(bench.folder, 'functions'))
  const table = await openStandIn(bench)
  const api = bundled.find(({ name }) => name === 'api')
  const imports = new Map(bundled.map(({ name }) => [name, [] as number[]]))
  const answers = new Map(REFUSED.map((path) => [path, [] as number[]]))
  for (let at = 0; at < bench.sizes.imports; at += 1) {
    bench.progress(`import ${at + 1} of ${bench.sizes.imports}`)
    // One after the other, and all functions in each round, so that none gets the quiet moments.
    for (const bundle of bundled) imports.get(bundle.name)?.push((await start(bundle, table))[0])
    for (const path of REFUSED) if (api) answers.get(path)?.push((await start(api, table, path))[1])
  }
  const rows = bundled.map(({ name, bytes, importedBytes }) => {
    const ms = imports.get(name) ?? []
    return {
      function: name,
      'bundle KB': bytes / BYTES_PER_KILOBYTE,
      'imported KB': importedBytes / BYTES_PER_KILOBYTE,
      'import ms': median(ms),
      lowest: Math.min(...ms),
      highest: Math.max(...ms),
    }
  })
  const firsts = [...answers].map(([path, ms]) => `${median(ms).toFixed(1)} ms for POST ${path}`)
  const notes = [
    `Bars for the api function: ${IMPORTED_KILOBYTES_BAR} KB imported, in ${IMPORT_MS_BAR} ms. A KB is ${BYTES_PER_KILOBYTE} bytes.`,
    `Bundled as for Lambda, minified, with the SDK. Modules that the import does not load are loaded on first use.`,
    `Import: median of ${bench.sizes.imports} processes, from the call of import() until it resolves.`,
    `Additional time of the api's first response, with one read of a table that answers at once: ${firsts.join(', ')} (rejected by their schemas; the import does not include the code of the second).`,
  ]
  return { rows, notes, errors: [] }
}

/** Stands in for DynamoDB: whatever is read, it answers the table's format, which a function reads first. */
async function openStandIn(bench: Bench): Promise<string> {
  const body = JSON.stringify({ Item: { format: { N: String(TABLE_FORMAT) } } })
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length }
  const server = createServer((request, response) =>
    request.resume().on('end', () => response.writeHead(200, headers).end(body)),
  )
  bench.onEnd(async () => await promisify(server.close.bind(server))())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Milliseconds that a fresh process takes to import a function, and to answer a request for a path, if there is one. */
async function start({ file }: Bundle, table: string, path?: string): Promise<[number, number]> {
  const args = ['--input-type=module', '--eval', TIMED, pathToFileURL(file).href]
  if (path !== undefined) args.push(JSON.stringify(requestEvent(path)))
  const env = { PATH: process.env.PATH, ...ENV, AWS_ENDPOINT_URL_DYNAMODB: table }
  const { stdout } = await run(process.execPath, args, { env })
  return JSON.parse(stdout) as [number, number]
}

function requestEvent(path: string) {
  const requestContext = { http: { method: 'POST', path } }
  return { rawPath: path, rawQueryString: '', headers: {}, requestContext, body: '{"name": 1}', isBase64Encoded: false }
}
