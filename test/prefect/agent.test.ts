import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { processStart } from '#shared/process/process-start.ts'
import { until } from '../support/until.ts'
import { deploy, endedRun, launch, messages, readRun } from './support/flow-runs.ts'
import { type Journey, journeys } from './support/journey.ts'

const POOL = 'default-agent-pool'
const STARTED_MS = 90_000

journeys('an agent', 'two', (opened) => {
  let journey: Journey
  beforeAll(() => {
    journey = opened()
  })

  /** Deploys a flow the way of Prefect 2: to a queue, and no pool is named. */
  const deployTo = (queue: string, flow: string, more: object = {}) =>
    deploy(journey, POOL, flow, { name: `${flow} on ${queue}`, work_queue_name: queue, work_pool_name: null, ...more })
  const once = (...args: string[]) => journey.cli('agent', 'start', '--run-once', '--hide-welcome', ...args)
  const stateOf = async (runId: string) => (await readRun(journey, runId)).state_type

  it('creates the queues that it serves', async () => {
    await once('-q', 'prio1', '-q', 'prio2')
    const queues = await journey.call('POST', `/work_pools/${POOL}/queues/filter`, {})
    expect(queues.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['prio1', 'prio2']))
    expect(await journey.call('GET', '/work_queues/name/prio2')).toMatchObject({ status: 'READY' })
  })

  describe('that polls once', () => {
    it('takes from each queue what its limit allows, and leaves the rest', async () => {
      const { id } = await journey.call('GET', '/work_queues/name/prio1')
      await journey.call('PATCH', `/work_queues/${id}`, { concurrency_limit: 1 })
      const [first, second] = [await deployTo('prio1', 'greet'), await deployTo('prio2', 'greet')]
      const runs = [await launch(journey, first), await launch(journey, first), await launch(journey, second)]
      await once('-q', 'prio1', '-q', 'prio2')
      expect(await Promise.all(runs.map(stateOf))).toEqual(['COMPLETED', 'SCHEDULED', 'COMPLETED'])
      await once('-q', 'prio1', '-q', 'prio2')
      expect(await stateOf(runs[1] ?? '')).toBe('COMPLETED')
    })

    it('takes from the queue with the highest priority in the pool', async () => {
      const [first, second] = [await deployTo('prio1', 'greet'), await deployTo('prio2', 'greet')]
      await journey.call('PATCH', `/work_pools/${POOL}/queues/prio1`, { priority: 1 })
      const runs = [await launch(journey, second), await launch(journey, first)]
      const pooled = ['-p', POOL, '-q', 'prio1', '-q', 'prio2', '--limit', '1']
      await once(...pooled)
      expect(await Promise.all(runs.map(stateOf))).toEqual(['SCHEDULED', 'COMPLETED'])
      await once(...pooled)
      expect(await stateOf(runs[0] ?? '')).toBe('COMPLETED')
    })

    it('finds its queues by prefix', async () => {
      const runs = [
        await launch(journey, await deployTo('prio2', 'greet')),
        await launch(journey, await deployTo('other', 'greet')),
      ]
      await once('--match', 'prio')
      expect(await Promise.all(runs.map(stateOf))).toEqual(['COMPLETED', 'SCHEDULED'])
    })
  })

  it('that keeps polling runs flows that complete, fail, retry or are cancelled', async () => {
    const agent = journey.start(['agent', 'start', '-q', 'steady'], { env: { PREFECT_AGENT_QUERY_INTERVAL: '2' } })
    const ids: string[] = []
    for (const flow of ['greet', 'fail', 'flaky', 'outer'])
      ids.push(await launch(journey, await deployTo('steady', flow)))
    const ledger = join(journey.folder, 'held')
    const held = await launch(journey, await deployTo('steady', 'hold'), { parameters: { ledger } })
    const ends = await Promise.all(ids.map((runId) => endedRun(journey, runId)))
    expect(ends.map((run) => run.state_name)).toEqual(['Completed', 'Failed', 'Completed', 'Completed'])
    await until('its lines are there', async () =>
      (await messages(journey, ids[0] ?? '')).includes('about to greet world'),
    )
    await until('the flow runs', () => existsSync(ledger) && readFileSync(ledger, 'utf8') !== '', STARTED_MS)
    await journey.cli('flow-run', 'cancel', held)
    expect(await endedRun(journey, held)).toMatchObject({ state_type: 'CANCELLED', state_name: 'Cancelled' })
    await until('its process is gone', () => processStart(Number(readFileSync(ledger, 'utf8'))) === undefined)
    expect(agent.output()).not.toMatch(/ERROR\s+\| prefect\.agent/)
  })
})
