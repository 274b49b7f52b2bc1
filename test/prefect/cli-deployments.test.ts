import { beforeAll, expect, it } from 'vitest'
import { RELEASES, type Release } from './support/environments.ts'
import { type Journey, journeys } from './support/journey.ts'

const FLOW = `from prefect import flow
@flow
def greet(name: str = "world", times: int = 1):
    return name
`
const PROJECT = `name: project
deployments:
  - name: main
    entrypoint: flows.py:greet
    version: "7"
    description: Greets.
    tags: [one]
    parameters: {name: yaml}
    work_pool: {name: pool, work_queue_name: fast, job_variables: {env: {COLOUR: red}}}
    schedules:
      - {cron: "0 4 * * *", timezone: Europe/Berlin}
      - {interval: 3600, active: false}
  - name: plain
    entrypoint: flows.py:greet
    work_pool: {name: pool}
`

for (const release of Object.keys(RELEASES) as Release[]) {
  const all = release === 'newest'

  journeys('prefect deploy and prefect deployment', release, (journey) => {
    const cli = (...args: string[]) => journey().cli('deployment', ...args)
    const schedule = (...args: string[]) => cli('schedule', ...args)
    const deployment = (name = 'main') => journey().call('GET', `/deployments/name/greet/${name}`)
    const ids = async () => (await deployment()).schedules.map(({ id }: { id: string }) => id)
    const refused = async (...args: string[]) => {
      const { status, output } = await journey().prefect(['deployment', ...args])
      expect(status).toBe(1)
      return output
    }

    beforeAll(async () => {
      journey().write('flows.py', FLOW)
      journey().write('prefect.yaml', PROJECT)
      await journey().call('POST', '/work_pools/', { name: 'pool', type: 'process' })
    })

    it('deploys what prefect.yaml lists, and creates the queue', async () => {
      const printed = await journey().cli('deploy', '--all')
      expect(printed).toContain(`Deployment 'greet/main' successfully created with id '${(await deployment()).id}'`)
      expect(await deployment()).toMatchObject({
        version: '7',
        description: 'Greets.',
        tags: ['one'],
        parameters: { name: 'yaml' },
        job_variables: { env: { COLOUR: 'red' } },
        work_pool_name: 'pool',
        work_queue_name: 'fast',
        entrypoint: 'flows.py:greet',
        paused: false,
        schedules: expect.arrayContaining([
          expect.objectContaining({
            active: true,
            schedule: { cron: '0 4 * * *', timezone: 'Europe/Berlin', day_or: true },
          }),
          expect.objectContaining({ active: false, schedule: expect.objectContaining({ interval: 3600 }) }),
        ]),
      })
      expect(await deployment('plain')).toMatchObject({ work_queue_name: 'default', schedules: [] })
    })

    it('deploys again, in place', async () => {
      const before = await deployment()
      journey().write('prefect.yaml', PROJECT.replace('Greets.', 'Greets twice.'))
      await journey().cli('deploy', '--name', 'main')
      const after = await deployment()
      expect(after).toMatchObject({ id: before.id, created: before.created, description: 'Greets twice.' })
      expect(after.schedules).toHaveLength(2)
    })

    it('lists deployments and shows one', async () => {
      const { id } = await deployment()
      const list = await cli('ls')
      expect(list).toMatch(new RegExp(`greet/main +│ ${id}`))
      expect(list).toContain('greet/plain')
      const shown = await cli('inspect', 'greet/main')
      expect(shown).toContain(`'id': '${id}'`)
      expect(shown).toContain("'description': 'Greets twice.'")
    })

    it('creates runs with parameters, tags, job variables and a time', async () => {
      const given = ['-p', 'name=cli', '-p', 'times=3', '--tag', 'two', '--job-variable', 'cpu=512']
      const printed = await cli('run', 'greet/main', ...given, '--start-in', '2 hours')
      const id = /UUID: ([0-9a-f-]{36})/.exec(printed)?.[1]
      const run = await journey().call('GET', `/flow_runs/${id}`)
      expect(run).toMatchObject({
        state_type: 'SCHEDULED',
        parameters: { name: 'cli', times: 3 },
        job_variables: { cpu: 512 },
        work_queue_name: 'fast',
      })
      expect(run.tags.toSorted()).toEqual(['one', 'two'])
      const hours = (Date.parse(run.expected_start_time) - Date.now()) / 3_600_000
      expect(hours).toBeGreaterThan(1.5)
      expect(hours).toBeLessThan(2)
      await cli('run', '--id', (await deployment('plain')).id)
      const queue = { work_pool_queues: { name: { any_: ['default'] } } }
      expect(await journey().call('POST', '/flow_runs/count', queue)).toBe(1)
    })

    it('adds schedules of each kind, and lists them', async () => {
      await schedule('create', 'greet/main', '--cron', '5 5 * * *', '--timezone', 'Asia/Tokyo')
      await schedule('create', 'greet/main', '--rrule', '{"rrule": "FREQ=WEEKLY", "timezone": "Asia/Tokyo"}')
      const listed = await schedule('ls', 'greet/main')
      expect(listed).toContain('cron: 5 5 * * *')
      // Prefect 3.9 puts a start before it.
      expect(listed).toMatch(/rrule: .*\s.*FREQ=WEEKLY|rrule: FREQ=WEEKLY/)
      expect(listed).toMatch(/interval: 1:00:00s +│ False/)
      expect((await deployment()).schedules.map((each: { schedule: object }) => each.schedule)).toEqual(
        expect.arrayContaining([
          { cron: '5 5 * * *', timezone: 'Asia/Tokyo', day_or: true },
          { rrule: expect.stringMatching(/(^|\n)FREQ=WEEKLY$/), timezone: 'Asia/Tokyo' },
        ]),
      )
    })

    it('pauses, resumes and deletes a schedule', async () => {
      const [first] = await ids()
      const active = async () => {
        const schedules: { id: string; active: boolean }[] = await journey().call(
          'GET',
          `/deployments/${(await deployment()).id}/schedules`,
        )
        return schedules.find(({ id }) => id === first)?.active
      }
      const was = await active()
      expect(await schedule(was ? 'pause' : 'resume', 'greet/main', first)).toMatch(was ? /[Pp]aused/ : /[Rr]esumed/)
      expect(await active()).toBe(!was)
      expect(await schedule(was ? 'resume' : 'pause', 'greet/main', first)).toMatch(was ? /[Rr]esumed/ : /[Pp]aused/)
      expect(await active()).toBe(was)
      await schedule('delete', 'greet/main', first, '--accept-yes')
      expect(await ids()).not.toContain(first)
    })

    it.runIf(all)('pauses and resumes the schedules of all deployments', async () => {
      await schedule('pause', '--all')
      const states = async () => (await deployment()).schedules.map(({ active }: { active: boolean }) => active)
      expect(await states()).toEqual([false, false, false])
      await schedule('resume', '--all')
      expect(await states()).toEqual([true, true, true])
      await schedule('create', 'greet/main', '--interval', '600', '--replace', '--accept-yes')
      expect((await deployment()).schedules).toMatchObject([{ schedule: { interval: 600 }, active: true }])
    })

    it.runIf(all)('rejects invalid requests with the reason', async () => {
      expect(await refused('run', 'greet/none')).toContain("Deployment 'greet/none' not found!")
      expect(await refused('run', 'greet/main', '-p', 'colour=1')).toContain("not found on the deployment: 'colour'")
      expect(await refused('run', 'greet/main', '-p', 'times=many')).toContain('times')
      expect(await refused('inspect', 'greet/none')).toContain('not found')
      expect(await refused('schedule', 'pause', 'greet/main', (await deployment()).id)).toContain('not found')
      expect(JSON.parse(await cli('inspect', 'greet/main', '--output', 'json'))).toMatchObject({ name: 'main' })
    })

    it('clears the schedules', async () => {
      await schedule('clear', 'greet/main', '--accept-yes')
      expect(await ids()).toEqual([])
    })

    if (release === 'two') prefectTwo(journey, deployment)

    it('deletes a deployment', async () => {
      expect(await cli('delete', 'greet/plain')).toContain("Deleted deployment 'greet/plain'")
      await expect(deployment('plain')).rejects.toThrow('404')
      if (!all) return
      expect(await cli('delete', '--all')).toContain('Deleted 1 deployment')
      expect(JSON.parse(await cli('ls', '--output', 'json'))).toEqual([])
    })
  })
}

/** Commands that Prefect 3 has no more: a deployment with the one schedule. */
function prefectTwo(journey: () => Journey, deployment: () => Promise<{ schedules: object[] }>) {
  it('sets, pauses and resumes the only schedule of a deployment', async () => {
    const cli = (...args: string[]) => journey().cli('deployment', ...args)
    await cli('set-schedule', 'greet/main', '--interval', '300')
    expect((await deployment()).schedules).toMatchObject([{ schedule: { interval: 300 }, active: true }])
    await cli('set-schedule', 'greet/main', '--cron', '1 1 * * *')
    expect((await deployment()).schedules).toMatchObject([{ schedule: { cron: '1 1 * * *' } }])
    await cli('pause-schedule', 'greet/main')
    expect((await deployment()).schedules).toMatchObject([{ active: false }])
    await cli('resume-schedule', 'greet/main')
    expect((await deployment()).schedules).toMatchObject([{ active: true }])
  })
}
