/** Writes the client's table of operations from the contract: `npm run client-table`, after a change of endpoints. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import type { Operation } from '#shared/client/operation.ts'
import type { Endpoint } from '#shared/contract/endpoint.ts'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { repeatabilityOf } from '#shared/contract/repeatable.ts'

const ROOT = join(import.meta.dirname, '..')
const FILE = 'shared/client/operations.ts'
const BIOME = join(ROOT, 'node_modules/.bin/biome')

if (import.meta.main) writeFileSync(join(ROOT, FILE), clientTable())

/** The text of shared/client/operations.ts, formatted as the rest is. */
export function clientTable(): string {
  const sorted = OPERATIONS.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  // Editors show the comment at each method of the client.
  const rows = sorted.map(
    ({ name, endpoint }) => `/** ${endpoint.summary} */\n${name}: ${JSON.stringify(operationOf(name, endpoint))},`,
  )
  const text = `import type { Operation } from './operation.ts'

/** The methods and paths of the API. Generated from shared/contract by \`npm run client-table\`; don't edit. */
export const OPERATIONS = {
${rows.join('\n')}
} as const satisfies Record<string, Operation>
`
  return execFileSync(BIOME, ['format', `--stdin-file-path=${FILE}`], { cwd: ROOT, input: text, encoding: 'utf8' })
}

function operationOf(name: string, endpoint: Endpoint): Operation {
  const { method, path, query, body, plainText } = endpoint
  const repeat = method === 'GET' ? undefined : repeatabilityOf(name, endpoint)
  const pages = pagesOf(endpoint)
  return {
    method,
    path,
    ...(query ? { query: true } : {}),
    ...(body ? { body: true } : {}),
    ...(plainText ? { plainText } : {}),
    ...(pages ? { pages } : {}),
    ...(repeat ? { repeat } : {}),
  }
}

function pagesOf({ body, reply }: Endpoint): Operation['pages'] {
  const members = body ? membersOf(body, 'input') : []
  if (members.includes('offset')) return 'offset'
  return members.includes('page') && reply && membersOf(reply, 'output').includes('results') ? 'number' : undefined
}

function membersOf(schema: z.ZodMiniType, io: 'input' | 'output'): string[] {
  const { $ref, $defs, properties } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  const own = properties ?? $defs?.[$ref?.split('/').at(-1) ?? '']?.properties
  return Object.keys(own ?? {})
}
