import { expect, it } from 'vitest'
import { RELEASES, type Release } from './support/environments.ts'
import { journeys } from './support/journey.ts'

const VARIABLES = { type: 'object', properties: { command: { type: 'string' }, env: { type: 'object' } } }

for (const release of Object.keys(RELEASES) as Release[]) {
  /** Each command takes seconds to start, so the older releases run what they are most used for. */
  const all = release === 'newest'

  journeys('prefect work-pool', release, (journey) => {
    const cli = (...args: string[]) => journey().cli('work-pool', ...args)
    const refused = async (...args: string[]) => {
      const { status, output } = await journey().prefect(['work-pool', ...args])
      expect(status).toBe(1)
      return output
    }
    const pool = () => journey().call('GET', '/work_pools/main')

    it('creates a pool with the template of its type', async () => {
      expect(await cli('create', 'main', '--type', 'process')).toContain("Created work pool 'main'!")
      const { base_job_template: template, ...rest } = await pool()
      expect(rest).toMatchObject({ type: 'process', is_paused: false, concurrency_limit: null, status: 'NOT_READY' })
      expect(Object.keys(template.variables.properties)).toContain('working_dir')
    })

    it('creates push pools, given only their type', async () => {
      expect(await cli('create', 'pushed', '--type', 'ecs:push')).toContain("Created work pool 'pushed'!")
      const { base_job_template: template, ...rest } = await journey().call('GET', '/work_pools/pushed')
      expect(rest).toMatchObject({ type: 'ecs:push', status: 'READY' })
      expect(Object.keys(template.variables.properties)).toEqual(expect.arrayContaining(['image', 'cpu', 'command']))
    })

    it.runIf(all)('accepts the types that Prefect has workers for, and rejects others', async () => {
      expect(await cli('create', 'docked', '--type', 'docker')).toContain("Created work pool 'docked'!")
      const template = JSON.parse(await cli('get-default-base-job-template', '--type', 'ecs:push'))
      expect(Object.keys(template).toSorted()).toEqual(['job_configuration', 'variables'])
      expect(await refused('create', 'odd', '--type', 'no-such-type')).toContain(
        "Unknown work pool type 'no-such-type'",
      )
      expect(await refused('create', 'main', '--type', 'process')).toContain('already exists')
    })

    it('lists pools and shows one', async () => {
      const { id } = await pool()
      expect(await cli('ls')).toMatch(new RegExp(`main +│ process +│ ${id} │ None`))
      const shown = await cli('inspect', 'main')
      expect(shown).toContain(`id='${id}'`)
      expect(shown).toContain('WorkPoolStatus.NOT_READY')
    })

    it.runIf(all)('prints JSON, and reports a missing pool', async () => {
      const listed: { name: string }[] = JSON.parse(await cli('ls', '--output', 'json'))
      expect(listed.map(({ name }) => name).toSorted()).toEqual(['docked', 'main', 'pushed'])
      expect(JSON.parse(await cli('inspect', 'main', '--output', 'json'))).toMatchObject({ name: 'main' })
      expect(await refused('inspect', 'none')).toContain("Work pool 'none' not found!")
    })

    it('pauses and resumes', async () => {
      expect(await cli('pause', 'main')).toContain("Paused work pool 'main'")
      expect(await pool()).toMatchObject({ is_paused: true, status: 'PAUSED' })
      expect(await cli('ls')).toMatch(/main \(\*\*\)/)
      expect(await cli('resume', 'main')).toContain("Resumed work pool 'main'")
      expect(await pool()).toMatchObject({ is_paused: false, status: 'NOT_READY' })
    })

    it('sets and clears the limit, and updates other settings', async () => {
      expect(await cli('set-concurrency-limit', 'main', '3')).toContain("work pool 'main' to 3")
      expect(await pool()).toMatchObject({ concurrency_limit: 3 })
      const template = { job_configuration: { command: '{{ command }}' }, variables: VARIABLES }
      const file = journey().write('template.json', JSON.stringify(template))
      const change = ['--description', 'first of all', '--concurrency-limit', '4', '--base-job-template', file]
      expect(await cli('update', 'main', ...change)).toContain("Updated work pool 'main'")
      expect(await pool()).toMatchObject({ concurrency_limit: 4, description: 'first of all' })
      expect((await pool()).base_job_template).toEqual(template)
      expect(await cli('clear-concurrency-limit', 'main')).toContain("limit for work pool 'main'")
      expect(await pool()).toMatchObject({ concurrency_limit: null, description: 'first of all' })
    })

    it('previews upcoming runs', async () => {
      const run = await runDue(new Date(Date.now() + 1_800_000))
      const shown = await cli('preview', 'main')
      expect(shown).toContain(run.name)
      expect(shown).toContain(run.id)
    })

    it.runIf(all)('shows who holds the slots, as text and as JSON', async () => {
      await cli('set-concurrency-limit', 'main', '2')
      const run = await runDue(new Date())
      await journey().call('POST', `/flow_runs/${run.id}/set_state`, { state: { type: 'PENDING' } })
      const shown = await cli('slots', 'main')
      expect(shown).toMatch(/Slots: .* 1 \/ 2/)
      expect(shown).toContain(run.name)
      const status = JSON.parse(await cli('slots', 'main', '--output', 'json'))
      expect(status).toMatchObject({ active_slots: 1, concurrency_limit: 2 })
      expect(status.queues[0].flow_runs).toMatchObject([{ id: run.id, state_type: 'PENDING' }])
      const cancelled = { state: { type: 'CANCELLED' }, force: true }
      await journey().call('POST', `/flow_runs/${run.id}/set_state`, cancelled)
    })

    it('deletes a pool with its queues', async () => {
      expect(await cli('delete', 'main')).toContain("Deleted work pool 'main'")
      await expect(pool()).rejects.toThrow('404')
    })

    it.runIf(all)('reports a deleted pool as missing', async () => {
      expect(await refused('delete', 'main')).toContain("Work pool 'main' does not exist")
    })

    async function runDue(due: Date) {
      const { id: flowId } = await journey().call('POST', '/flows/', { name: 'etl' })
      const deployment = { name: 'nightly', flow_id: flowId, work_pool_name: 'main' }
      const { id } = await journey().call('POST', '/deployments/', deployment)
      const state = { type: 'SCHEDULED', state_details: { scheduled_time: due.toISOString() } }
      return await journey().call('POST', `/deployments/${id}/create_flow_run`, { state })
    }
  })
}
