import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { processStart } from '#shared/process/process-start.ts'
import { until } from '../support/until.ts'
import { deploy, endedRun, heldAtOnce, launch, messages, readRun, runOnce, stateNames } from './support/flow-runs.ts'
import { type Journey, journeys } from './support/journey.ts'

const POOL = 'push'
const LIMIT = 2
const STARTED_MS = 60_000

for (const release of ['newest', 'floor', 'two'] as const) {
  journeys('flows are pushed without a worker', release, (opened) => {
    let journey: Journey
    beforeAll(async () => {
      journey = opened()
      await journey.call('POST', '/work_pools/', { name: POOL, type: 'ecs:push', concurrency_limit: LIMIT })
    })
    const newest = release === 'newest'

    /** Runs a deployed flow to its end. */
    const run = async (flow: string, more: object = {}) => {
      const runId = await launch(journey, await deploy(journey, POOL, flow), more)
      return await endedRun(journey, runId)
    }

    /** Starts a long-running flow; returns the process of its code. */
    const hold = async (name: string, jobVariables: object = {}) => {
      const ledger = join(journey.folder, name)
      const deployment = await deploy(journey, POOL, 'hold', { job_variables: jobVariables })
      const runId = await launch(journey, deployment, { parameters: { ledger } })
      await until('the flow runs', () => existsSync(ledger) && readFileSync(ledger, 'utf8') !== '', STARTED_MS)
      return { runId, pid: Number(readFileSync(ledger, 'utf8')) }
    }

    const slotsHeld = async () => (await journey.call('GET', `/work_pools/${POOL}`)).active_slots

    it('with parameters, logs and a readable result', async () => {
      const { id, state } = await run('greet', { parameters: { name: 'Ada' } })
      expect(state).toMatchObject({ type: 'COMPLETED', name: 'Completed' })
      const names = ['Scheduled', 'Pending', 'InfrastructurePending', 'Running', 'Completed']
      expect(await stateNames(journey, id)).toEqual(names)
      // A flow ends before its last log lines are sent.
      const greeted = async () => (await messages(journey, id)).filter((line) => line === 'about to greet Ada')
      expect(await until('its line is there', async () => (await greeted()).length)).toBe(1)
      const { output } = await journey.python(READ_RESULT, { env: { RUN_ID: id } })
      expect(output).toContain('RESULT hello Ada')
    })

    it.runIf(newest)('and fail with their own reason', async () => {
      const { state } = await run('fail')
      expect(state).toMatchObject({ type: 'FAILED', name: 'Failed' })
      expect(state.message).toContain('no luck today')
    })

    it('and retry in their own process, which keeps its slots', async () => {
      const runId = await launch(journey, await deploy(journey, POOL, 'flaky'))
      await runOnce(journey, runId, (each) => each.state_name === 'AwaitingRetry')
      expect(await slotsHeld()).toBe(1)
      expect(await endedRun(journey, runId)).toMatchObject({ state_type: 'COMPLETED', run_count: 3 })
      const names = ['Running', 'AwaitingRetry', 'Running', 'AwaitingRetry', 'Running', 'Completed']
      expect((await stateNames(journey, runId)).slice(3)).toEqual(names)
    })

    it('and are cancelled by the CLI, once their process has ended', async () => {
      const { runId, pid } = await hold('cancelled')
      await journey.cli('flow-run', 'cancel', runId)
      expect(await endedRun(journey, runId)).toMatchObject({ state_type: 'CANCELLED', state_name: 'Cancelled' })
      expect(processStart(pid)).toBeUndefined()
      expect((await stateNames(journey, runId)).slice(-2)).toEqual(['Cancelling', 'Cancelled'])
    })

    it.runIf(newest)('and are Cancelled even if their engine reports its termination as a crash', async () => {
      const { runId } = await hold('cancelled-engine', { command: 'python -m prefect.engine' })
      await journey.cli('flow-run', 'cancel', runId)
      expect(await endedRun(journey, runId)).toMatchObject({ state_type: 'CANCELLED' })
      expect((await stateNames(journey, runId)).slice(-2)).toEqual(['Cancelling', 'Cancelled'])
    })

    it.runIf(newest)('and crash, with the signal named, when their container is killed', async () => {
      const { runId, pid } = await hold('killed')
      const parent = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))
      process.kill(parent, 'SIGKILL')
      const { state } = await endedRun(journey, runId)
      expect(state.type).toBe('CRASHED')
      expect(state.message).toContain('killed by SIGKILL (exit code 137)')
    })

    it.runIf(newest)('and crash when their engine alone is killed', async () => {
      const { runId, pid } = await hold('shot')
      process.kill(pid, 'SIGKILL')
      const { state } = await endedRun(journey, runId)
      expect(state.type).toBe('CRASHED')
      expect(state.message).toContain('-9')
    })

    it.runIf(newest)('and reject reports of an old process once they are rescheduled', async () => {
      const { runId, pid } = await hold('again', { command: 'python -m prefect.engine' })
      const state = { type: 'SCHEDULED', name: 'AwaitingRetry' }
      await journey.call('POST', `/flow_runs/${runId}/set_state`, { state, force: true })
      await until('the old process is gone', () => processStart(pid) === undefined, STARTED_MS)
      const running = await runOnce(journey, runId, (each) => each.run_count === 2)
      expect(running.state_type).toBe('RUNNING')
      expect(await stateNames(journey, runId)).not.toContain('Crashed')
      await journey.cli('flow-run', 'cancel', runId)
      expect((await endedRun(journey, runId)).state_type).toBe('CANCELLED')
    })

    it.runIf(newest)('and release container and slots while suspended', async () => {
      const runId = await launch(journey, await deploy(journey, POOL, 'wait_for_go'))
      const { state } = await runOnce(journey, runId, (each) => each.state_type === 'PAUSED')
      expect(state.name).toBe('Suspended')
      expect(await slotsHeld()).toBe(0)
      await journey.call('POST', `/flow_runs/${runId}/resume`, {})
      expect(await endedRun(journey, runId)).toMatchObject({ state_type: 'COMPLETED' })
      const names = ['Suspended', 'Resuming', 'Pending', 'InfrastructurePending', 'Running', 'Completed']
      expect((await stateNames(journey, runId)).slice(-names.length)).toEqual(names)
    })

    it('with subflows and tagged tasks', async () => {
      const { id, state } = await run('outer')
      expect(state).toMatchObject({ type: 'COMPLETED' })
      const children = { flow_runs: { parent_flow_run_id: { any_: [id] } } }
      expect(await journey.call('POST', '/flow_runs/filter', children)).toMatchObject([{ state_type: 'COMPLETED' }])
    })

    it.runIf(newest)('alongside plain commands, within the limit of the pool', async () => {
      const ledger = join(journey.folder, 'ledger')
      const flow = await deploy(journey, POOL, 'note')
      const { id } = await journey.call('POST', '/flows/', { name: 'command' })
      const command = await journey.call('POST', '/deployments/', {
        flow_id: id,
        name: POOL,
        work_pool_name: POOL,
        job_variables: { command: ['sh', '-c', 'echo start $0 >>$1; sleep 1; echo end $0 >>$1', 'command', ledger] },
      })
      const runs = [
        ...(await Promise.all([0, 1, 2].map(() => launch(journey, flow, { parameters: { ledger, seconds: 1 } })))),
        ...(await Promise.all([0, 1, 2].map(() => launch(journey, command)))),
      ]
      const ends = await Promise.all(runs.map((runId) => endedRun(journey, runId)))
      expect(ends.map((each) => each.state_type)).toEqual(runs.map(() => 'COMPLETED'))
      expect(await heldAtOnce(journey, runs)).toBe(LIMIT)
      expect(most(readFileSync(ledger, 'utf8'))).toBeLessThanOrEqual(LIMIT)
      const message = 'The command exited with code 0.'
      expect(await readRun(journey, runs[5] ?? '')).toMatchObject({ state: { message } })
    })
  })
}

/** Reads a run's result as its release does: Prefect 2 needs a flag to fetch it. */
const READ_RESULT = `
import asyncio, os, prefect

async def main():
    async with prefect.get_client() as client:
        state = (await client.read_flow_run(os.environ["RUN_ID"])).state
        result = state.result(**({"fetch": True} if prefect.__version__.startswith("2") else {}))
        print("RESULT", await result if hasattr(result, "__await__") else result)

asyncio.run(main())
`

/** How many had started and not ended, at most. */
function most(ledger: string): number {
  let at = 0
  return Math.max(
    ...ledger
      .trim()
      .split('\n')
      .map((line) => (at += line.startsWith('start') ? 1 : -1)),
  )
}
