import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The rooms of tests that are to notice mutants, as `scripts/mutate.ts` chose them. */
const ROOMS = (process.env.MUTATE_TESTS ?? 'limit').split(',')

export default defineConfig({
  test: {
    isolate: true,
    root: join(import.meta.dirname, '..', '..'),
    include: ROOMS.map((room) => `test/${room}/**/*.test.ts`),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
