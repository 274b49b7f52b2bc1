import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Suites beside the main one: they fetch big tools from a registry, so each is a project of its own. */
const PREFECT = 'test/prefect/**/*.test.ts'
const DEPLOY = 'test/deploy/**/*.test.ts'
const PACKAGE = 'test/package/**/*.test.ts'
/** Folders whose tests start engines, servers or programs; all others hold unit tests. */
const SLOW = [
  'test/{aws,bench,cdk,cli,client,demo,engine,functions,local,process,scenarios,storage}/**/*.test.ts',
  'test/agent/*.test.ts',
  'test/agent/resilience/*.test.ts',
  'test/simulation/*.test.ts',
  'test/simulation/!(bank)/**/*.test.ts',
]
/** So that the programs that tests start, many of them again and again, are compiled once. */
const COMPILED = join(import.meta.dirname, 'node_modules/.cache/node-compile')
/** Where CI wants the results of a suite. */
const RESULTS = process.env.TEST_RESULTS ?? 'coverage/test-results.json'

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [PREFECT, DEPLOY, PACKAGE, ...SLOW],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'main', include: SLOW, env: { NODE_COMPILE_CACHE: COMPILED } } },
      {
        extends: true,
        // Stock workers and agents keep time by their own clocks; on a busy machine one of hundreds of steps may come late.
        test: { name: 'prefect', include: [PREFECT], globalSetup: 'test/prefect/support/global-setup.ts', retry: 1 },
      },
      {
        extends: true,
        test: { name: 'deploy', include: [DEPLOY], globalSetup: 'test/deploy/support/global-setup.ts' },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: [PACKAGE],
          globalSetup: 'test/package/support/global-setup.ts',
          hookTimeout: 300_000,
        },
      },
    ],
    // Scenarios start real engines and child processes on a 2-core machine; the limit is for hangs, not for speed.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: process.env.CI ? ['default', ['json', { outputFile: RESULTS }]] : ['default'],
  },
})
