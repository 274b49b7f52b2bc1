import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { scoresOf, scoreTable, shareOf } from './mutate/score.ts'

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
/** Kinds of mutants that change words and lists of names, most of which nothing decides by. */
const NO_MUTANTS = ['StringLiteral', 'ObjectLiteral', 'ArrayDeclaration', 'Regex']

/** The least share of a part's mutants, in percent, that the tests must notice. */
const SCORE_MIN = 85
/** What a mutant may take beyond its tests' own time; a busy machine must not make one look endless. */
const TIMEOUT_MS = 30_000

const USAGE = `npm run mutate -- [part …] [--files glob …]
  parts: ${Object.keys(PARTS).join(', ')}; all of them unless named
`

/** Prints which share of small changes the tests notice, room by room, in each part of the service. Takes hours for all. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { files: { type: 'string', multiple: true }, 'dry-run': { type: 'boolean', default: false } },
})
const names = positionals.length > 0 ? positionals : Object.keys(PARTS)
if (names.every((name) => PARTS[name])) for (const name of names) await mutatePart(name)
else process.stdout.write(USAGE)

async function mutatePart(name: string): Promise<void> {
  const { mutate: all, rooms } = PARTS[name] as Part
  process.env.MUTATE_TESTS = rooms.join(',')
  const stryker = new Stryker({
    mutate: values.files ?? all,
    mutator: { plugins: null, excludedMutations: NO_MUTANTS },
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'scripts/mutate/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    dryRunOnly: values['dry-run'],
    dryRunTimeoutMinutes: 30,
    timeoutMS: TIMEOUT_MS,
    ignoreStatic: true,
    ignorePatterns: ['cdk.out', 'coverage', 'dist', '.pushpool'],
    // TypeScript 7 has no API with which Stryker could read it; Node and Vitest need none.
    tsconfigFile: 'none',
    tempDirName: 'node_modules/.cache/stryker',
    reporters: ['clear-text', 'json'],
    clearTextReporter: {
      allowColor: false,
      allowEmojis: false,
      logTests: false,
      reportTests: false,
      reportScoreTable: false,
    },
    jsonReporter: { fileName: `coverage/mutation-${name}.json` },
    allowConsoleColors: false,
  })
  const results = await stryker.runMutationTest()
  const scores = scoresOf(results)
  process.stdout.write(`${name}\n${scoreTable(scores)}\n`)
  if (shareOf(scores) < SCORE_MIN) process.exitCode = 1
}
