import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import * as z from 'zod/mini'
import type { Endpoint } from '#shared/contract/endpoint.ts'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { repeatabilityOf, UNREPEATABLE } from '#shared/contract/repeatable.ts'
import { clientTables } from '../../scripts/client-table.ts'

const CLIENT = join(import.meta.dirname, '../../shared/client')
const GZIPPED_BYTES_MAX = 12 * 1024

it('the table of operations is up to date with the contract', () => {
  const written = globSync('operations{.ts,/*.ts}', { cwd: CLIENT })
  const texts = written.map((file): [string, string] => [file, readFileSync(join(CLIENT, file), 'utf8')])
  expect(new Map(texts)).toEqual(clientTables())
})

it('a client of all endpoints takes at most 12 KB, without schemas', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(CLIENT, 'create-client.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
  })
  const strangers = Object.keys(metafile.inputs).filter((file) => !file.startsWith('shared/client/'))
  expect(strangers).toEqual([])
  expect(gzipSync(outputFiles[0]?.contents ?? '').byteLength).toBeLessThanOrEqual(GZIPPED_BYTES_MAX)
})

it('no path parameter has the name of a query parameter', () => {
  const clashes = OPERATIONS.filter(({ endpoint: { params, query } }) => {
    const names = [...membersOf(params), ...membersOf(query)]
    return new Set(names).size < names.length
  })
  expect(clashes.map(({ name }) => name)).toEqual([])
})

it('each operation is either repeatable or not', () => {
  const decided = OPERATIONS.map(({ name, endpoint }) => ({
    name,
    repeatable: repeatabilityOf(name, endpoint) !== undefined,
    unrepeatable: name in UNREPEATABLE,
  }))
  expect(decided.filter(({ repeatable, unrepeatable }) => repeatable === unrepeatable)).toEqual([])
  const names = new Set(OPERATIONS.map(({ name }) => name))
  expect(Object.keys(UNREPEATABLE).filter((name) => !names.has(name))).toEqual([])
})

function membersOf(schema: Endpoint['params']): string[] {
  return schema ? Object.keys(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {}) : []
}
