import { afterAll, beforeAll, expect, it } from 'vitest'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { listScheduledRuns } from '#shared/engine/poll/list-scheduled-runs.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { ClaimHistory } from '../support/claim-history.ts'
import { createRuns, pushPool } from '../support/fixtures/fixtures.ts'
import { takeSnapshot } from '../support/invariants.ts'
import { openWorld, type World } from '../support/world.ts'

/**
 * Prefect's worker polls, and then proposes PENDING for each run in the response, however long ago. Against Prefect's own
 * server, five of them were seen holding 14 runs at a limit of 7, some of which had already finished.
 */
const WORKERS = 8
const LIMIT = 7
const RUNS = 60

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it('workers acting on old polls never exceed the limit, hold no run twice, and restart no finished run', async () => {
  const { pool, queueId, deployment } = await pushPool(world, { queueLimit: LIMIT })
  const runs = await createRuns(world, deployment, RUNS)
  const history = new ClaimHistory(world, queueLimit(queueId))
  const poll = async () => (await listScheduledRuns(world, { poolId: pool.id })).map(({ run }) => run)
  // Each worker repeatedly goes through every run that was ever waiting, in its own order, as if just polled.
  const answers = new Map<string, number>()
  const propose = async (run: FlowRun) => {
    const { verdict, run: claimed } = await setState(world, run.id, { type: 'PENDING' })
    answers.set(verdict.status, (answers.get(verdict.status) ?? 0) + 1)
    if (verdict.status !== 'ACCEPT') return
    await history.claimed([claimed])
    await setState(world, run.id, { type: 'RUNNING' })
    history.releasing()
    await setState(world, run.id, { type: world.ids.random() < 0.5 ? 'COMPLETED' : 'FAILED' })
  }
  const worker = async () => {
    const stale = runs.map((run) => [world.ids.random(), run] as const).toSorted(([a], [b]) => a - b)
    while ((await poll()).length > 0) for (const [, run] of stale) await propose(run)
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))

  const snapshot = await takeSnapshot(world.table)
  const verdict = history.judge(snapshot, RUNS)
  console.log(
    `${WORKERS} workers on stale polls, limit ${LIMIT}: ${verdict.claims} claims, at most ${verdict.countedMax} counted; ` +
      [...answers].map(([status, n]) => `${n} ${status}`).join(', '),
  )
  expect(verdict).toMatchObject({ claims: RUNS, duplicates: 0, lost: 0, drift: [] })
  expect(verdict.countedMax).toBeLessThanOrEqual(LIMIT)
  for (const { history: states, generation } of snapshot.runs) {
    expect(generation).toBe(1)
    expect(states.slice(0, 3).map(({ type }) => type)).toEqual(['SCHEDULED', 'PENDING', 'RUNNING'])
    expect(states.slice(3).map(({ type }) => isTerminal(type))).toEqual([true])
  }
})

it('two workers that propose PENDING for one run at the same instant get one ACCEPT and one ABORT', async () => {
  const { deployment } = await pushPool(world, { name: 'pair' })
  const runs = await createRuns(world, deployment, 30)
  for (const run of runs) {
    const answers = await Promise.all([1, 2].map(() => setState(world, run.id, { type: 'PENDING' })))
    expect(answers.map(({ verdict }) => verdict.status).toSorted()).toEqual(['ABORT', 'ACCEPT'])
  }
})
