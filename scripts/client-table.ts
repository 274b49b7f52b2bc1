/** Writes the client's table of operations from the contract: `npm run client-table`, after a change of endpoints. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import type { Operation } from '#shared/client/operation.ts'
import type { Endpoint } from '#shared/contract/endpoint.ts'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { repeatabilityOf } from '#shared/contract/repeatable.ts'

const ROOT = join(import.meta.dirname, '..')
const CLIENT = 'shared/client'
const BIOME = join(ROOT, 'node_modules/.bin/biome')
const ORIGIN = "Generated from shared/contract by `npm run client-table`; don't edit."

if (import.meta.main) {
  rmSync(join(ROOT, CLIENT, 'operations'), { recursive: true, force: true })
  mkdirSync(join(ROOT, CLIENT, 'operations'))
  for (const [file, text] of clientTables()) writeFileSync(join(ROOT, CLIENT, file), text)
}

/** The texts of the table's files by their paths in shared/client, formatted as the rest is: one file for each tag. */
export function clientTables(): Map<string, string> {
  const sorted = OPERATIONS.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const byTag = Map.groupBy(sorted, ({ endpoint }) => endpoint.tag)
  const tables = [...byTag].map(([tag, operations]) => {
    const slug = tag.toLowerCase().replaceAll(' ', '-')
    return { slug, name: slug.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()), operations }
  })
  const imports = tables.map(({ slug, name }) => `import { ${name} } from './operations/${slug}.ts'`)
  // An inferred type would lose the comments in the package's declarations.
  const whole = `${imports.toSorted().join('\n')}

type Operations = ${tables.map(({ name }) => `typeof ${name}`).join(' & ')}

/** The methods and paths of the API. ${ORIGIN} */
export const OPERATIONS: Operations = {
${tables.map(({ name }) => `...${name},`).join('\n')}
}
`
  const parts = tables.map(({ slug, name, operations }): [string, string] => [
    `operations/${slug}.ts`,
    formatted(`import type { Operation } from '#shared/client/operation.ts'

/** ${ORIGIN} */
export const ${name} = {
${operations.map(rowOf).join('\n')}
} as const satisfies Record<string, Operation>
`),
  ])
  return new Map([['operations.ts', formatted(whole)], ...parts])
}

/** Editors show the comment at each method of the client. */
function rowOf({ name, endpoint }: (typeof OPERATIONS)[number]): string {
  return `/** ${endpoint.summary} */\n${name}: ${JSON.stringify(operationOf(name, endpoint))},`
}

function formatted(text: string): string {
  const args = ['check', '--write', '--stdin-file-path=table.ts']
  return execFileSync(BIOME, args, { cwd: ROOT, input: text, encoding: 'utf8' })
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
