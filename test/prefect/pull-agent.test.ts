import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { processStart } from '#shared/process/process-start.ts'
import { until } from '../support/until.ts'
import { deploy, endedRun, launch, messages, stateNames } from './support/flow-runs.ts'
import { type Journey, journeys, type Running } from './support/journey.ts'

const POOL = 'hosts'
const QUEUE = 'pulled'
const STARTED_MS = 90_000

for (const release of ['newest', 'two'] as const) {
  journeys('an agent of ours', release, (opened) => {
    let journey: Journey
    let agent: Running
    const runs = new Map<string, string>()
    const deployTo = (flow: string) => deploy(journey, POOL, flow, { work_queue_name: QUEUE })

    beforeAll(async () => {
      journey = opened()
      await journey.call('POST', '/work_pools/', { name: POOL, type: 'process', base_job_template: {} })
      await journey.call('POST', `/work_pools/${POOL}/queues`, { name: QUEUE })
      agent = journey.startAgent(['--pool', POOL, '-q', QUEUE, '--limit', '2'])
      for (const flow of ['greet', 'fail', 'flaky', 'outer'])
        runs.set(flow, await launch(journey, await deployTo(flow)))
    })

    const ended = (flow: string) => endedRun(journey, runs.get(flow) ?? '')

    it('runs a flow to its end, once, with its logs', async () => {
      expect(await ended('greet')).toMatchObject({ state_type: 'COMPLETED', run_count: 1 })
      const runId = runs.get('greet') ?? ''
      expect(await stateNames(journey, runId)).toEqual(['Scheduled', 'Pending', 'Running', 'Completed'])
      await until('its lines are there', async () => (await messages(journey, runId)).includes('about to greet world'))
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
      const runId = await launch(journey, await deployTo('hold'), { parameters: { ledger } })
      await until('the flow runs', () => existsSync(ledger) && readFileSync(ledger, 'utf8') !== '', STARTED_MS)
      return { runId, pid: Number(readFileSync(ledger, 'utf8')) }
    }

    it('ends a run that the CLI cancels', async () => {
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
      expect((await stateNames(journey, runId)).filter((name) => name === 'Crashed')).toHaveLength(1)
    })

    it('drains: what runs is finished first', async () => {
      const ledger = join(journey.folder, 'drained')
      const runId = await launch(journey, await deployTo('hold'), { parameters: { ledger, seconds: 2 } })
      await until('the flow runs', () => existsSync(ledger) && readFileSync(ledger, 'utf8') !== '', STARTED_MS)
      expect(await agent.stop('SIGTERM')).toBe(0)
      expect(await endedRun(journey, runId)).toMatchObject({ state_type: 'COMPLETED' })
    })
  })
}
