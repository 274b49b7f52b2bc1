import { beforeAll, expect, it } from 'vitest'
import { RELEASES, type Release } from './support/environments.ts'
import { journeys } from './support/journey.ts'

for (const release of Object.keys(RELEASES) as Release[]) {
  const all = release === 'newest'

  journeys('prefect work-queue', release, (journey) => {
    const cli = (...args: string[]) => journey().cli('work-queue', ...args)
    const inMain = (...args: string[]) => cli(...args, '--pool', 'main')
    const queue = (name: string) => journey().call('GET', `/work_pools/main/queues/${name}`)

    beforeAll(async () => {
      await journey().call('POST', '/work_pools/', { name: 'main', type: 'process' })
    })

    it('creates a queue in a pool, with a limit and a priority', async () => {
      const printed = await inMain('create', 'fast', '--limit', '2', '--priority', '1')
      const { id, ...rest } = await queue('fast')
      expect(printed).toContain(`id - ${id}`)
      expect(rest).toMatchObject({ concurrency_limit: 2, priority: 1, work_pool_name: 'main' })
      expect(await queue('default')).toMatchObject({ priority: 2 })
    })

    it('creates a queue for agents, without naming a pool', async () => {
      expect(await cli('create', 'agents')).toContain("work pool - 'default-agent-pool'")
      expect(await journey().call('GET', '/work_queues/name/agents')).toMatchObject({ name: 'agents' })
    })

    it('lists the queues of one pool, or of all', async () => {
      expect(await inMain('ls')).toMatch(/fast +│ 1 +│ 2 /)
      const { id } = await queue('fast')
      const list = await cli('ls')
      expect(list).toMatch(new RegExp(`fast +│ main +│ ${id} │ 2`))
      expect(list).toMatch(/agents +│ default-agent-pool/)
    })

    it('shows a queue and whether it is polled', async () => {
      const shown = await inMain('inspect', 'fast')
      expect(shown).toContain(`id='${(await queue('fast')).id}'`)
      expect(shown).toContain('concurrency_limit=2')
      expect(shown).toContain('WorkQueueStatus.NOT_READY')
      expect(shown).toContain('healthy=False')
    })

    it('pauses and resumes', async () => {
      expect(await inMain('pause', 'fast')).toContain("Work queue 'fast' in work pool 'main' paused")
      expect(await queue('fast')).toMatchObject({ is_paused: true, status: 'PAUSED' })
      expect(await inMain('resume', 'fast')).toContain("Work queue 'fast' in work pool 'main' resumed")
      expect(await queue('fast')).toMatchObject({ is_paused: false })
    })

    it('sets and clears the limit', async () => {
      expect(await inMain('set-concurrency-limit', 'fast', '5')).toContain('Concurrency limit of 5 set')
      expect(await queue('fast')).toMatchObject({ concurrency_limit: 5 })
      expect(await inMain('clear-concurrency-limit', 'fast')).toContain('Concurrency limits removed')
      expect(await queue('fast')).toMatchObject({ concurrency_limit: null })
    })

    it('previews upcoming runs, and reads those that are due', async () => {
      const soon = await runDue(new Date(Date.now() + 1_800_000))
      const shown = await inMain('preview', 'fast')
      expect(shown).toContain(soon.id)
      expect(shown).toContain(soon.name)
      const due = await runDue(new Date())
      expect(await inMain('read-runs', 'fast')).toMatch(/^Read 1 runs for work queue 'fast' in work pool main: /)
      await journey().call('POST', `/flow_runs/${due.id}/set_state`, { state: { type: 'CANCELLED' } })
    })

    it.runIf(all)('shows who holds the slots', async () => {
      const run = await runDue(new Date())
      await journey().call('POST', `/flow_runs/${run.id}/set_state`, { state: { type: 'PENDING' } })
      const shown = await inMain('slots', 'fast')
      expect(shown).toContain(run.name)
      expect(shown).toContain('Pending')
      const status = JSON.parse(await inMain('slots', 'fast', '--output', 'json'))
      expect(status).toMatchObject({ active_slots: 1, concurrency_limit: null, flow_runs: [{ id: run.id }] })
      const cancelled = { state: { type: 'CANCELLED' }, force: true }
      await journey().call('POST', `/flow_runs/${run.id}/set_state`, cancelled)
    })

    it.runIf(all)('finds queues by prefix, and prints JSON', async () => {
      expect(await cli('ls', '--match', 'AGE')).toMatch(/agents/)
      expect(await cli('ls', '--match', 'none')).not.toMatch(/agents/)
      const listed: { name: string }[] = JSON.parse(await inMain('ls', '--output', 'json'))
      expect(listed.map(({ name }) => name).toSorted()).toEqual(['default', 'fast'])
      expect(JSON.parse(await inMain('inspect', 'fast', '--output', 'json'))).toMatchObject({ name: 'fast' })
    })

    it.runIf(all)('rejects invalid requests with the reason', async () => {
      const refused = async (...args: string[]) => {
        const { status, output } = await journey().prefect(['work-queue', ...args])
        expect(status).toBe(1)
        return output
      }
      expect(await refused('create', 'fast', '--pool', 'main')).toContain("'fast' already exists")
      expect(await refused('create', 'fast', '--pool', 'none')).toMatch(/Work pool.*'none'.*not found/)
      expect(await refused('inspect', 'none', '--pool', 'main')).toMatch(/No work queue named 'none' found/)
      expect(await refused('delete', 'default', '--pool', 'main')).toContain('409 Conflict')
    })

    it('deletes', async () => {
      expect(await inMain('delete', 'fast')).toContain("Successfully deleted work queue 'fast' in work pool 'main'")
      await expect(queue('fast')).rejects.toThrow('404')
      expect(await cli('delete', 'agents')).toContain("Successfully deleted work queue 'agents'")
    })

    async function runDue(due: Date) {
      const { id: flowId } = await journey().call('POST', '/flows/', { name: 'etl' })
      const place = { work_pool_name: 'main', work_queue_name: 'fast' }
      const { id } = await journey().call('POST', '/deployments/', { name: 'nightly', flow_id: flowId, ...place })
      const state = { type: 'SCHEDULED', state_details: { scheduled_time: due.toISOString() } }
      return await journey().call('POST', `/deployments/${id}/create_flow_run`, { state })
    }
  })
}
