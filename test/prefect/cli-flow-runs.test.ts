import { beforeAll, expect, it } from 'vitest'
import { RELEASES, type Release } from './support/environments.ts'
import { journeys } from './support/journey.ts'

const FLOW = `import os
from prefect import flow
@flow
def fix(marker: str):
    if not os.path.exists(marker):
        raise ValueError("not yet")
if __name__ == "__main__":
    try:
        fix("done")
    except ValueError:
        pass
`

for (const release of Object.keys(RELEASES) as Release[]) {
  const all = release === 'newest'

  journeys('prefect flow-run', release, (journey) => {
    const cli = (...args: string[]) => journey().cli('flow-run', ...args)
    const refused = async (...args: string[]) => {
      const { status, output } = await journey().prefect(['flow-run', ...args])
      expect(status).toBe(1)
      return output
    }
    const read = (id: string) => journey().call('GET', `/flow_runs/${id}`)
    const move = async (id: string, ...types: string[]) => {
      for (const type of types) await journey().call('POST', `/flow_runs/${id}/set_state`, { state: { type } })
    }
    let deploymentId: string
    const create = async (name: string, state?: object): Promise<string> =>
      (await journey().call('POST', `/deployments/${deploymentId}/create_flow_run`, { name, state })).id
    let failed: string
    let waiting: string

    beforeAll(async () => {
      await journey().call('POST', '/work_pools/', { name: 'pool', type: 'process' })
      const { id } = await journey().call('POST', '/flows/', { name: 'etl' })
      const body = { name: 'nightly', flow_id: id, work_pool_name: 'pool' }
      deploymentId = (await journey().call('POST', '/deployments/', body)).id
      failed = await create('failed')
      await move(failed, 'PENDING', 'RUNNING', 'FAILED')
      const inAnHour = { scheduled_time: new Date(Date.now() + 3_600_000).toISOString() }
      waiting = await create('waiting', { type: 'SCHEDULED', state_details: inAnHour })
    })

    it('lists all runs, or those of a flow or a state', async () => {
      const list = await cli('ls')
      expect(list).toMatch(new RegExp(`${failed} │ etl +│ failed +│ FAILED`))
      expect(list).toMatch(new RegExp(`${waiting} │ etl +│ waiting +│ SCHEDULED`))
      const some = await cli('ls', '--flow-name', 'etl', '--state-type', 'FAILED', '--limit', '5')
      expect(some).toContain(failed)
      expect(some).not.toContain(waiting)
      expect(await journey().cli('flow', 'ls')).toMatch(/│ etl +│/)
    })

    it('shows a run', async () => {
      const shown = await cli('inspect', failed)
      expect(shown).toContain("name='failed'")
      expect(shown).toMatch(/type=StateType.FAILED/)
    })

    it.runIf(all)('shows and lists runs as JSON, also by state name', async () => {
      expect(JSON.parse(await cli('inspect', failed, '--output', 'json'))).toMatchObject({ id: failed, run_count: 1 })
      const listed = JSON.parse(await cli('ls', '--state', 'Scheduled', '--output', 'json'))
      expect(listed).toMatchObject([{ id: waiting, state_type: 'SCHEDULED' }])
    })

    it('prints the logs of a run, in either order', async () => {
      const at = Date.parse('2026-01-01T00:00:00Z')
      const lines = Array.from({ length: 250 }, (_, n) => ({
        name: 'prefect.flow_runs',
        level: 20,
        message: `line ${n}.`,
        timestamp: new Date(at + n * 1000).toISOString(),
        flow_run_id: failed,
      }))
      await journey().call('POST', '/logs/', lines)
      const printed = (await cli('logs', failed)).trim().split('\n')
      expect(printed).toHaveLength(250)
      expect(printed[0]).toMatch(/00:00:00\.000 \| INFO +\| Flow run 'failed' - line 0\./)
      expect(printed[249]).toContain('line 249.')
      const tail = (await cli('logs', failed, '--tail', '--num-logs', '2')).trim().split('\n')
      expect(tail.map((line) => line.slice(line.indexOf(' - ') + 3))).toEqual(['line 248.', 'line 249.'])
    })

    it('cancels a waiting run at once, and rejects an ended one', async () => {
      expect(await cli('cancel', waiting)).toContain('was successfully scheduled for cancellation')
      expect(await read(waiting)).toMatchObject({ state_type: 'CANCELLED' })
      expect(await refused('cancel', waiting)).toContain("Reason: 'Run is already in terminal state CANCELLED.'")
    })

    it('cancels a held run through its process', async () => {
      const held = await create('held')
      await move(held, 'PENDING', 'RUNNING')
      await journey().call('PATCH', `/flow_runs/${held}`, { infrastructure_pid: '1' })
      await cli('cancel', held)
      expect(await read(held)).toMatchObject({ state_type: 'CANCELLING', state_name: 'Cancelling' })
      await move(held, 'CANCELLED')
    })

    it.runIf(release !== 'two')('retries a run', async () => {
      expect(await cli('retry', failed)).toContain('has been scheduled for retry')
      expect(await read(failed)).toMatchObject({ state_type: 'SCHEDULED', state: { message: 'Retried via CLI' } })
      expect(await refused('retry', failed)).toContain("is in state 'SCHEDULED' and cannot be retried")
    })

    it.runIf(all)('retries a run without a deployment locally', async () => {
      const file = journey().write('fix.py', FLOW)
      expect(await journey().python(FLOW)).toMatchObject({ status: 0 })
      const filter = { flows: { name: { any_: ['fix'] } } }
      const [run] = await journey().call('POST', '/flow_runs/filter', filter)
      expect(run).toMatchObject({ state_type: 'FAILED', deployment_id: null, run_count: 1 })
      expect(await refused('retry', run.id)).toContain('Please provide an --entrypoint')
      journey().write('done', '')
      expect(await cli('retry', run.name, '--entrypoint', `${file}:fix`)).toContain('completed successfully')
      expect(await read(run.id)).toMatchObject({ state_type: 'COMPLETED', run_count: 2 })
    })

    it('deletes a run', async () => {
      expect(await cli('delete', waiting)).toContain('Successfully deleted flow run')
      await expect(read(waiting)).rejects.toThrow('404')
      expect(await refused('inspect', waiting)).toMatch(/not found/i)
    })
  })
}
