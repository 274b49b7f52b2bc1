import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createClient } from '#shared/client/create-client.ts'
import { secondsBetween } from '#shared/instant.ts'
import { until } from '../support/until.ts'
import { withService } from './support/place.ts'
import { startTestAgent } from './support/start-agent.ts'

const openPlace = withService()
const sh = (script: string) => ['/bin/sh', '-c', script]

describe('an agent', () => {
  it('runs a command to its end, with its output in the logs of the run', async () => {
    const place = await openPlace()
    const [run] = await place.create(await place.deploy(sh('echo one; echo two >&2; printf $PUSHPOOL_GENERATION')))
    const agent = startTestAgent(place)
    const ended = await place.until(run?.id ?? '', 'COMPLETED')
    expect(ended.state.message).toBe('The command exited with code 0.')
    expect(await place.logsOf(ended.id)).toEqual(['one', 'two', '1'])
    expect(ended.history.map(({ type }) => type)).toEqual(['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED'])
    agent.drain()
    expect(await agent.done).toBe(0)
    expect(readdirSync(agent.options.workDir)).toEqual([])
    expect(agent.said).toContain(`Submitting flow run '${ended.id}'`)
    expect(agent.said.at(-1)).toBe('Agent stopped!')
  })

  it('says how a command failed, and keeps its folder where it is told to', async () => {
    const place = await openPlace()
    const [run] = await place.create(await place.deploy(sh('echo oh; echo x >left; exit 3')))
    const agent = startTestAgent(place, { keepFailed: true })
    const ended = await place.until(run?.id ?? '', 'FAILED')
    expect(ended.state.message).toBe('The command exited with code 3.')
    expect(await place.logsOf(ended.id)).toEqual(['oh'])
    const folder = join(agent.options.workDir, `${ended.id}.1`, 'files')
    await until('it has let go of the run', () => agent.status().holding === 0)
    expect(readFileSync(join(folder, 'left'), 'utf8')).toBe('x\n')
  })

  it('says why a command could not be started, or what killed it', async () => {
    const place = await openPlace()
    const [missing] = await place.create(await place.deploy(['no-such-program'], { name: 'missing' }))
    const [killed] = await place.create(await place.deploy(sh('kill -9 $$'), { name: 'killed' }))
    startTestAgent(place)
    expect((await place.until(missing?.id ?? '', 'CRASHED')).state.message).toContain('no such file or directory')
    expect((await place.until(killed?.id ?? '', 'CRASHED')).state.message).toContain('killed by SIGKILL')
  })

  it('stops a command at its time limit', async () => {
    const place = await openPlace()
    const [run] = await place.create(await place.deploy(['sleep', '60'], { variables: { timeout_seconds: 0.3 } }))
    startTestAgent(place)
    const { state } = await place.until(run?.id ?? '', 'FAILED')
    expect(state).toMatchObject({ name: 'TimedOut', message: 'Stopped after its limit of 0.3 seconds.' })
  })

  it('asks a cancelled command to end, and reports that it has', async () => {
    const place = await openPlace()
    const noted = join(place.folder, 'noted')
    const script = `trap 'echo stopped >${noted}; exit 0' TERM; echo up; while :; do sleep 0.02; done`
    const [run] = await place.create(await place.deploy(sh(script)))
    startTestAgent(place)
    const id = run?.id ?? ''
    await until('it is up', async () => (await place.logsOf(id)).length > 0)
    const cancelling = { type: 'CANCELLING', message: 'no longer wanted' } as const
    await createClient({ url: place.url }).setFlowRunState({ id }, { state: cancelling })
    expect((await place.until(id, 'CANCELLED')).state.message).toBe('no longer wanted')
    expect(readFileSync(noted, 'utf8')).toBe('stopped\n')
  })

  it('has ended the process of an earlier claim of a run before it starts another', async () => {
    const place = await openPlace()
    const noted = join(place.folder, 'noted')
    const loop = `while :; do echo $PUSHPOOL_GENERATION >>${noted}; sleep 0.01; done`
    const script = `trap : TERM; if [ $PUSHPOOL_GENERATION = 1 ]; then ${loop}; else echo 2 >>${noted}; fi`
    const [run] = await place.create(await place.deploy(sh(script)))
    startTestAgent(place)
    const id = run?.id ?? ''
    await until('it is up', () => existsSync(noted))
    const client = createClient({ url: place.url })
    await client.setFlowRunState({ id }, { state: { type: 'SCHEDULED' }, force: true })
    await place.until(id, 'COMPLETED')
    const generations = readFileSync(noted, 'utf8').trim().split('\n')
    expect(generations.indexOf('2')).toBe(generations.length - 1)
  })

  it('starts nothing for a run that is cancelled while it waits to be due', async () => {
    const place = await openPlace()
    const noted = join(place.folder, 'noted')
    const [run] = await place.create(await place.deploy(['touch', noted]), 1, 600)
    const agent = startTestAgent(place, { prefetchSeconds: 3_600 })
    const id = run?.id ?? ''
    await place.until(id, 'PENDING')
    await until('the agent has heard of it', () => agent.status().holding === 1)
    await createClient({ url: place.url }).setFlowRunState(
      { id },
      { state: { type: 'CANCELLING', name: 'Cancelling' } },
    )
    const ended = await place.until(id, 'CANCELLED')
    expect(ended.startTime === null || !existsSync(noted)).toBe(true)
    expect(existsSync(noted)).toBe(false)
    await until('it has let go of the run', () => agent.status().holding === 0)
    await until('the agent has reported it', () => agent.status().outcomes.cancelled === 1)
  })

  it('starts what it fetched early when it is due, and not before', async () => {
    const place = await openPlace()
    const [run] = await place.create(await place.deploy(['true']), 1, 1.5)
    startTestAgent(place, { prefetchSeconds: 60 })
    const due = (await place.run(run?.id ?? '')).state.details.scheduledTime ?? 0
    const ended = await place.until(run?.id ?? '', 'COMPLETED')
    const [, pending, running] = ended.history
    expect(secondsBetween(pending?.timestamp ?? 0, due)).toBeGreaterThan(0)
    expect(secondsBetween(due, running?.timestamp ?? 0)).toBeGreaterThanOrEqual(0)
  })

  it('runs a command again whose run has retries left', async () => {
    const place = await openPlace()
    const script = `echo try; [ -e ${place.folder}/once ] || { touch ${place.folder}/once; exit 1; }`
    const deployment = await place.deploy(sh(script))
    const client = createClient({ url: place.url })
    const { id } = await client.createFlowRunFromDeployment(
      { id: deployment.id },
      { empirical_policy: { retries: 1, retry_delay: 0 } },
    )
    startTestAgent(place)
    const ended = await place.until(id, 'COMPLETED')
    expect(ended.runCount).toBe(2)
    expect(ended.generation).toBe(1)
    expect(await place.logsOf(id)).toEqual(['try', 'try'])
  })
})
