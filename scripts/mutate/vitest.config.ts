import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The rooms of tests that are to notice mutants, as `scripts/mutate.ts` chose them. */
const ROOMS = (process.env.MUTATE_TESTS ?? 'limit').split(',')
/** Tests of the engine's own process or of what needs one, and a test that replaces a module, for which it must be alone. */
const LEFT_OUT = [
  'test/functions/lambda.test.ts',
  'test/storage/dynamo/open-table.test.ts',
  'test/engine/work-pool/delete-work-pool.test.ts',
]
/** What tests open instead of an engine, which would take ten times as long. */
const IN_MEMORY = [
  { find: /^.*\/local\/engine\/dynoxide\.ts$/, replacement: join(import.meta.dirname, 'no-engine.ts') },
  { find: /^.*\/storage\/dynamo\/ensure-table\.ts$/, replacement: join(import.meta.dirname, 'keep-in-memory.ts') },
]

export default defineConfig({
  resolve: { alias: IN_MEMORY },
  test: {
    isolate: true,
    root: join(import.meta.dirname, '..', '..'),
    include: ROOMS.map((room) => `test/${room}/**/*.test.ts`),
    exclude: LEFT_OUT,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
