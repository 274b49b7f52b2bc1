import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { generateTypes, installGenerator, typeErrors } from './support/generate-types.ts'

/** Why the generator is unavailable; null if it is available. */
let missing: string | null = null
beforeAll(async () => {
  await installGenerator().catch((error: unknown) => {
    // In CI the registry must be reachable; elsewhere work can go on without it.
    if (process.env.CI) throw error
    missing = String(error)
  })
})

const PROGRAM = `
import type { components, operations, paths } from './api.ts'

const names = NAMES as const
type Name = (typeof names)[number]
const all: readonly (keyof operations)[] = names
const others: Exclude<keyof operations, Name>[] = []

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never
type BodyOf<N extends keyof operations> = Json<NonNullable<operations[N]['requestBody']>>

const pool: BodyOf<'createWorkPool'> = { name: 'main', type: 'ecs:push', concurrency_limit: 20 }
// @ts-expect-error -- a limit is a number
const wrong: BodyOf<'createWorkPool'> = { name: 'main', concurrency_limit: 'two' }
// @ts-expect-error -- a deployment is of a flow
const without: BodyOf<'createDeployment'> = { name: 'nightly' }
const filter: BodyOf<'listFlowRuns'> = {
  flow_runs: { state: { type: { any_: ['SCHEDULED', 'RUNNING'] } }, start_time: { after_: '2026-01-15T00:00:00Z' } },
  limit: 50,
}
// @ts-expect-error -- there is no such filter
const unknown: BodyOf<'listFlowRuns'> = { flow_runs: { colour: { any_: ['red'] } } }

type Runs = Json<paths['/flow_runs/filter']['post']['responses'][200]>
export const held = (runs: Runs) => runs.filter(({ state_type }) => state_type === 'RUNNING').map(({ id }) => id)
export function again(error: components['schemas']['Error']): boolean {
  // @ts-expect-error -- there is no such code
  if (error.code === 'no_such_code') return false
  return error.code === 'unavailable' || error.code === 'limit_full'
}
export { all, filter, others, pool, unknown, without, wrong }
`

it('openapi-typescript generates types that check programs', async (context) => {
  if (missing) return context.skip(`openapi-typescript can't be installed: ${missing}`)
  const folder = temporaryFolder()
  const [document, types, program] = ['openapi.json', 'api.ts', 'program.ts'].map((name) => join(folder, name))
  writeFileSync(document ?? '', JSON.stringify(buildOpenApi()))
  await generateTypes(document ?? '', types ?? '')
  const names = OPERATIONS.map(({ name }) => name)
  writeFileSync(program ?? '', PROGRAM.replace('NAMES', JSON.stringify(names)))
  expect(await typeErrors(program ?? '')).toBe('')
  // Without this, types that allow everything would pass.
  writeFileSync(program ?? '', PROGRAM.replace('NAMES', JSON.stringify([...names, 'noSuchOperation'])))
  expect(await typeErrors(program ?? '')).toContain('"noSuchOperation"')
  expect(readFileSync(types ?? '', 'utf8')).toContain('WorkPoolCreateRequest: {')
})
