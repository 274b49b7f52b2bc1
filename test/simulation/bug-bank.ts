import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUGS, type Bug } from './bugs.ts'

/**
 * Shows that the tests have teeth: plants one known bug after another in a copy of the code, and runs the seeds of the
 * simulation and the quick scenarios on it. Each bug must be found. Not part of the suite, as it takes minutes:
 * `node test/simulation/bug-bank.ts [seeds] [bug]`.
 */
const TESTS = ['simulation/simulation', 'scenarios/repairs', 'scenarios/events-and-wake-ups'].map(
  (name) => `test/${name}.test.ts`,
)
const ROOT = join(import.meta.dirname, '..', '..')
const [seeds = '18', only] = process.argv.slice(2)
let missed = 0
for (const bug of BUGS.filter(({ name }) => !only || name.includes(only))) {
  const copy = copyWith(bug)
  const run = spawnSync('npx', ['vitest', 'run', ...TESTS], {
    cwd: copy,
    env: { ...process.env, SEEDS: seeds, CI: '1', NO_COLOR: '1' },
    encoding: 'utf8',
  })
  rmSync(copy, { recursive: true })
  const { bySeeds, byScenarios, kinds } = findings(run)
  if (bySeeds + byScenarios === 0) missed += 1
  const verdict = bySeeds + byScenarios === 0 ? 'MISSED' : 'found'
  console.log(`${verdict}: ${bug.name}: ${bySeeds} of ${seeds} seeds (${kinds.join(' ')}), ${byScenarios} scenarios`)
}
process.exitCode = missed > 0 ? 1 : 0

function copyWith({ name, file, right, wrong }: Bug): string {
  const copy = mkdtempSync(join(tmpdir(), 'bug-bank-'))
  for (const part of ['shared', 'functions', 'local', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const code = readFileSync(join(copy, file), 'utf8')
  if (code.split(right).length !== 2) throw new Error(`${name}: ${file} does not have the text once`)
  writeFileSync(join(copy, file), code.replace(right, wrong))
  return copy
}

/** How many seeds and scenarios failed, and which invariants the seeds named. */
function findings({ stdout, stderr }: SpawnSyncReturns<string>) {
  const out = stdout + stderr
  const failed = [...out.matchAll(/^ FAIL .*?\btest\/(\w+)\//gm)].map(([, part]) => part)
  const kinds = [...out.matchAll(/"(I\d+(?:\/I\d+)*) /g)].map(([, kind]) => kind ?? '')
  return {
    bySeeds: failed.filter((part) => part === 'simulation').length,
    byScenarios: failed.filter((part) => part === 'scenarios').length,
    kinds: [...new Set(kinds)],
  }
}
