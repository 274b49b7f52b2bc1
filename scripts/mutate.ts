import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'

/** A part of the service that is mutated, and the rooms of tests that must notice. */
interface Part {
  mutate: string[]
  rooms: string[]
}

const NOUNS = [
  'deletion',
  'deployment',
  'ecs-task',
  'flow-run',
  'limit',
  'task-run',
  'work-pool',
  'work-queue',
  'worker',
]
const PARTS: Record<string, Part> = {
  nouns: { mutate: NOUNS.map((noun) => `shared/${noun}/**/*.ts`), rooms: NOUNS },
  engine: { mutate: ['shared/engine/**/*.ts'], rooms: ['engine', 'scenarios', 'functions'] },
  storage: { mutate: ['shared/storage/**/*.ts'], rooms: ['storage', 'engine'] },
}
/** The least share of mutants, in percent, that the tests must notice. */
const SCORE_MIN = 85

const USAGE = `npm run mutate -- <part> [--files glob …]
  parts: ${Object.keys(PARTS).join(', ')}
`

/** Prints which share of small changes the tests notice, in one part of the service. Takes hours for a large one. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { files: { type: 'string', multiple: true }, 'dry-run': { type: 'boolean', default: false } },
})
const part = PARTS[positionals[0] ?? '']
if (part) await mutate(part)
else process.stdout.write(USAGE)

async function mutate({ mutate: all, rooms }: Part): Promise<void> {
  process.env.MUTATE_TESTS = rooms.join(',')
  const stryker = new Stryker({
    mutate: values.files ?? all,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'scripts/mutate/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    dryRunOnly: values['dry-run'],
    dryRunTimeoutMinutes: 30,
    ignoreStatic: true,
    ignorePatterns: ['cdk.out', 'coverage', 'dist', '.pushpool'],
    // TypeScript 7 has no API with which Stryker could read it; Node and Vitest need none.
    tsconfigFile: 'none',
    tempDirName: 'node_modules/.cache/stryker',
    reporters: ['clear-text', 'json'],
    clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
    jsonReporter: { fileName: 'coverage/mutation.json' },
    thresholds: { high: SCORE_MIN, low: SCORE_MIN, break: SCORE_MIN },
    allowConsoleColors: false,
  })
  await stryker.runMutationTest()
}
