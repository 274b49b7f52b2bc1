import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The rooms of tests that are to notice mutants, as `scripts/mutate.ts` chose them. */
const ROOMS = (process.env.MUTATE_TESTS ?? 'limit').split(',')
/** Left out: */
const LEFT_OUT = [
  // what needs the engine's own process, or replaces a module, for which it must be alone;
  'test/functions/lambda.test.ts',
  'test/storage/dynamo/open-table.test.ts',
  'test/storage/flow-run/lost-responses.test.ts',
  'test/engine/work-pool/delete-work-pool.test.ts',
  // what takes longest, since it tries very many inputs or interleavings.
  'test/functions/api/{hostile-inputs,odd-paths,openapi-lint,scopes}.test.ts',
  'test/scenarios/{claim-under-contention,crash-points,exact-json,unknown-outcomes}.test.ts',
]
const SUPPORT = join(import.meta.dirname, '../../test/support')
/** What tests open instead of an engine, which would take ten times as long. */
const IN_MEMORY = [
  { find: /^.*\/local\/engine\/dynoxide\.ts$/, replacement: join(SUPPORT, 'no-engine.ts') },
  { find: /^.*\/storage\/dynamo\/ensure-table\.ts$/, replacement: join(SUPPORT, 'keep-in-memory.ts') },
]

export default defineConfig({
  resolve: { alias: IN_MEMORY },
  test: {
    isolate: true,
    fsModuleCache: true,
    root: join(import.meta.dirname, '..', '..'),
    include: ROOMS.map((room) => `test/${room}/**/*.test.ts`),
    exclude: LEFT_OUT,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
