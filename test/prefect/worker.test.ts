import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { processStart } from '#shared/process/process-start.ts'
import { until } from '../support/until.ts'
import { deploy, endedRun, heldAtOnce, launch, messages, stateNames } from './support/flow-runs.ts'
import { type Journey, journeys } from './support/journey.ts'

const POOL = 'hosts'
const STARTED_MS = 90_000
const AHEAD_SECONDS = 10
/** How often the worker polls: often, which makes its journeys shorter. */
const WORKER_ENV = { PREFECT_WORKER_QUERY_SECONDS: '2' }

for (const release of ['newest', 'floor', 'two'] as const) {
  journeys('a process worker', release, (opened) => {
    let journey: Journey
    const runs = new Map<string, string>()

    beforeAll(async () => {
      journey = opened()
      await journey.call('POST', '/work_pools/', { name: POOL, type: 'process', base_job_template: {} })
      journey.start(['worker', 'start', '--pool', POOL, '--type', 'process', '--name', 'mill'], { env: WORKER_ENV })
      for (const flow of ['fail', 'flaky', 'outer'])
        runs.set(flow, await launch(journey, await deploy(journey, POOL, flow)))
    })

    const ended = (flow: string) => endedRun(journey, runs.get(flow) ?? '')

    it('starts a prefetched run when it is due, not before, and sends its logs', async () => {
      const due = new Date(Date.now() + AHEAD_SECONDS * 1000).toISOString()
      const state = { type: 'SCHEDULED', state_details: { scheduled_time: due } }
      const runId = await launch(journey, await deploy(journey, POOL, 'greet'), { state })
      const run = await endedRun(journey, runId)
      expect(run).toMatchObject({ state_type: 'COMPLETED' })
      expect(Date.parse(run.start_time)).toBeGreaterThanOrEqual(Date.parse(due))
      await until('its lines are there', async () => (await messages(journey, runId)).includes('about to greet world'))
    })

    it('is ONLINE, and its pool and queue are READY', async () => {
      const workers = await journey.call('POST', `/work_pools/${POOL}/workers/filter`, {})
      expect(workers).toMatchObject([{ name: 'mill', status: 'ONLINE' }])
      expect(await journey.call('GET', `/work_pools/${POOL}`)).toMatchObject({ status: 'READY' })
      expect(await journey.call('GET', `/work_pools/${POOL}/queues/default`)).toMatchObject({ status: 'READY' })
    })

    it('runs a flow that fails', async () => {
      expect((await ended('fail')).state).toMatchObject({ type: 'FAILED', name: 'Failed' })
    })

    it('runs a flow that completes on its third try', async () => {
      expect(await ended('flaky')).toMatchObject({ state_type: 'COMPLETED', run_count: 3 })
    })

    it('runs a flow with a subflow and tagged tasks', async () => {
      expect(await ended('outer')).toMatchObject({ state_type: 'COMPLETED' })
    })

    /** Starts a long-running flow; returns the process of its code. */
    const hold = async (name: string) => {
      const ledger = join(journey.folder, name)
      const runId = await launch(journey, await deploy(journey, POOL, 'hold'), { parameters: { ledger } })
      await until('the flow runs', () => existsSync(ledger) && readFileSync(ledger, 'utf8') !== '', STARTED_MS)
      return { runId, pid: Number(readFileSync(ledger, 'utf8')) }
    }

    it('kills a run that the CLI cancels', async () => {
      const { runId, pid } = await hold('cancelled')
      await journey.cli('flow-run', 'cancel', runId)
      expect(await endedRun(journey, runId)).toMatchObject({ state_type: 'CANCELLED', state_name: 'Cancelled' })
      expect((await stateNames(journey, runId)).slice(-2)).toEqual(['Cancelling', 'Cancelled'])
      await until('its process is gone', () => processStart(pid) === undefined)
    })

    it('reports a killed process', async () => {
      const { runId, pid } = await hold('killed')
      process.kill(pid, 'SIGKILL')
      expect(await endedRun(journey, runId)).toMatchObject({ state_type: 'CRASHED' })
    })

    it.runIf(release === 'newest')('runs no more of a deployment than its limit allows; the others wait', async () => {
      const limit = { concurrency_limit: 1, concurrency_options: { collision_strategy: 'ENQUEUE' } }
      const deployment = await deploy(journey, POOL, 'note', limit)
      const parameters = { ledger: join(journey.folder, 'notes'), seconds: 1 }
      const ids = await Promise.all([0, 1, 2].map(() => launch(journey, deployment, { parameters })))
      const ends = await Promise.all(ids.map((runId) => endedRun(journey, runId)))
      expect(ends.map((run) => run.state_type)).toEqual(ids.map(() => 'COMPLETED'))
      expect(await heldAtOnce(journey, ids)).toBe(1)
      const names = await Promise.all(ids.map((runId) => stateNames(journey, runId)))
      expect(names.filter((each) => each.includes('AwaitingConcurrencySlot'))).toHaveLength(2)
    })
  })
}
