import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Scenarios start real engines and child processes on a 2-core machine; the limit is for hangs, not for speed.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/test-results.json' }]] : ['default'],
    coverage: { include: ['shared/**', 'functions/**', 'local/**'] },
  },
})
