import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Shows that the tests have teeth: puts one known bug after the other into a copy of the code, and runs the seeds of the
 * simulation and the quick scenarios on it. Each bug must be found. Not part of the suite, as it takes minutes:
 * `node test/simulation/bug-bank.ts [seeds] [bug]`.
 */
interface Bug {
  name: string
  file: string
  /** The text that is right, and what somebody might have written. */
  right: string
  wrong: string
}

const BUGS: readonly Bug[] = [
  {
    name: 'a claim does not ask whether there is room',
    file: 'shared/storage/limit/limit-actions.ts',
    right: ' AND #available >= :n${sameEpoch}',
    wrong: '${sameEpoch}',
  },
  {
    name: 'a claim does not ask whether the queue is paused',
    file: 'shared/storage/limit/limit-actions.ts',
    right: '#paused = :false AND #deleting',
    wrong: 'attribute_exists(#paused) AND #deleting',
  },
  {
    name: 'a claim trusts the index about the state',
    file: 'shared/storage/flow-run/claim-runs.ts',
    right: '#state.#t = :scheduled AND #generation = :generation AND #due = :due',
    wrong: '(#state.#t = :scheduled OR #generation >= :generation OR #due = :due)',
  },
  {
    name: 'a cancelling run gives up its slots',
    file: 'shared/flow-run/state.ts',
    right: 'CANCELLING: { terminal: false, holdsSlots: true }',
    wrong: 'CANCELLING: { terminal: false, holdsSlots: false }',
  },
  {
    name: 'a run is written without asking whether it changed',
    file: 'shared/storage/flow-run/save-run.ts',
    right: "condition: '#revision = :revision'",
    wrong: "condition: '#revision >= :revision OR #revision < :revision'",
  },
  {
    name: 'a release is not part of the transition',
    file: 'shared/storage/flow-run/save-run.ts',
    right: 'await transact(table, [putAction(table, item, unchanged), ...beside])',
    wrong: 'await transact(table, [putAction(table, item, unchanged)])\n      await transact(table, beside)',
  },
  {
    name: 'a lost launch is taken for a crash',
    file: 'shared/engine/dispatch/inspect-run.ts',
    right: 'if (ageSeconds <= TOKEN_TRUST_SECONDS) return await relaunch(deps, run)',
    wrong: "if (ageSeconds <= TOKEN_TRUST_SECONDS) return await crash(deps, run, 'Lost.')",
  },
  {
    name: 'the sweep does not look for lost launches, nor at leases',
    file: 'shared/engine/dispatch/inspect-leases.ts',
    right: 'for (const runId of runIds) {',
    wrong: 'for (const runId of runIds.slice(0, 0)) {',
  },
  {
    name: 'a stop that was lost is not asked for again',
    file: 'shared/engine/dispatch/inspect-run.ts',
    right: 'await stopEcsTask(deps, run.id, { taskArn: task.taskArn, reason })',
    wrong: 'void stopEcsTask',
  },
  {
    name: 'parked runs are never put back in line',
    file: 'shared/engine/dispatch/unblock-runs.ts',
    right: 'const parked = runs.filter((run) => run.blockedBy === key)',
    wrong: 'const parked = runs.filter((run) => run.blockedBy !== key)',
  },
  {
    name: 'a drift is repaired at first sight',
    file: 'shared/storage/limit/change-limit.ts',
    right: 'if (driftNoted?.drift !== drift || driftNoted.moves !== moves) {',
    wrong: 'if (driftNoted?.drift === 0) {',
  },
  {
    name: 'an ended run may end again',
    file: 'shared/flow-run/rules.ts',
    right: '{ rule: handleTerminalStates, forced: true },',
    wrong: '',
  },
  {
    name: 'a worker may start a run that somebody else has',
    file: 'shared/flow-run/rules.ts',
    right: '{ rule: preventPendingTransitions, forced: true },',
    wrong: '',
  },
  {
    name: 'a task that starts late is stopped at once',
    file: 'shared/ecs-task/launched-claim.ts',
    right: "run.state.type === 'PENDING' && soon",
    wrong: "run.state.type === 'RUNNING' && soon",
  },
  {
    name: 'news of a task is dropped when another write came first',
    file: 'shared/engine/dispatch/apply-ecs-task.ts',
    right: 'if (!(await saveRun(deps.table, run, verdict.run))) continue',
    wrong: "if (!(await saveRun(deps.table, run, verdict.run))) return 'stored'",
  },
  {
    name: 'an event of an old generation is taken for news',
    file: 'shared/ecs-task/judge-ecs-task.ts',
    right: 'if (generation !== run.generation || !run.claim) {',
    wrong: 'if (!run.claim) {',
  },
  {
    name: 'a report of an old generation counts',
    file: 'shared/flow-run/rules.ts',
    right: '{ rule: refuseStaleGeneration, forced: true },',
    wrong: '',
  },
  {
    name: 'a limit opens although a holder could not be counted',
    file: 'shared/engine/sweep/open-deployment-limits.ts',
    right: 'if (complete && ',
    wrong: 'if ((complete || !complete) && ',
  },
  {
    name: 'a repair of drift can be made twice',
    file: 'shared/storage/limit/change-limit.ts',
    right: '#moves = #moves + :one\n    REMOVE #driftNoted',
    wrong: '#epoch = #epoch + :one\n    REMOVE #driftNoted',
  },
  {
    name: 'a first limit of a deployment counts nobody',
    file: 'shared/engine/sweep/open-deployment-limits.ts',
    right: 'if (!run.claim || run.claim.slots.includes(limit.key)) continue',
    wrong: 'if (run.claim || !run.claim) continue',
  },
]

const TESTS = ['test/simulation', 'test/scenarios/repairs.test.ts', 'test/scenarios/events-and-wake-ups.test.ts']
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
  const failed = [...out.matchAll(/^ FAIL {2}test\/(\w+)\//gm)].map(([, part]) => part)
  const kinds = [...out.matchAll(/"(I\d+(?:\/I\d+)*) /g)].map(([, kind]) => kind ?? '')
  return {
    bySeeds: failed.filter((part) => part === 'simulation').length,
    byScenarios: failed.filter((part) => part === 'scenarios').length,
    kinds: [...new Set(kinds)],
  }
}
