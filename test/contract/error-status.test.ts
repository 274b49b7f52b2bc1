import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ERROR_CODES, ERROR_STATUS } from '#shared/contract/error-status.ts'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import type { Json } from '../support/api.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
const document: Json = buildOpenApi()

it('docs/errors.md lists each code once, with its status, meaning and remedy', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| (.+) \| (.+) \|$/gm)]
  expect(rows.map(([, code, status]) => [code, Number(status)])).toEqual(Object.entries(ERROR_STATUS))
  for (const [, , , meaning, remedy] of rows)
    expect([meaning, remedy]).toEqual([expect.any(String), expect.any(String)])
})

it('codes are in lower snake case', () => {
  expect(ERROR_CODES.filter((code) => !/^[a-z]+(_[a-z]+)*$/.test(code))).toEqual([])
})

it.each(['Error', 'InvalidRequest'])("the schema %s has all codes, and Prefect's two members", (name) => {
  const { required, properties } = document.components.schemas[name]
  expect(required).toEqual(['detail', 'exception_message', 'code'])
  expect(properties.code.enum).toEqual(ERROR_CODES)
})

it('each error response lists the codes of its status, and no others', () => {
  const responses: Json = document.paths['/v2/concurrency_limits/increment'].post.responses
  for (const [status, { $ref }] of Object.entries<Json>(responses).filter(([, each]) => each.$ref)) {
    const { description } = document.components.responses[$ref.split('/').at(-1)]
    const codes = [...description.matchAll(/`(\w+)`/g)].map((match) => match[1])
    expect(codes).toEqual(ERROR_CODES.filter((code) => ERROR_STATUS[code] === Number(status)))
  }
})
