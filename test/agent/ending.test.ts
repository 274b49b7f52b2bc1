import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createClient } from '#shared/client/create-client.ts'
import { processStart, stillRuns } from '#shared/process/process-start.ts'
import { until } from '../support/until.ts'
import { type Place, withService } from './support/place.ts'
import { startTestAgent } from './support/start-agent.ts'

const openPlace = withService()
const sh = (script: string) => ['/bin/sh', '-c', script]
const idsOf = (runs: readonly { id: string }[]) => runs.map(({ id }) => id)

/** A command that runs until a file is there. */
const untilThere = (file: string) => sh(`echo $$ >>${file}.pids; until [ -e ${file} ]; do sleep 0.02; done`)

const firstNumber = (file: string) => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)

/** The pid of the only command that runs, which is another process for good. */
async function onlyProcess(file: string) {
  const pid = await until('it runs', () => firstNumber(`${file}.pids`))
  return { pid, startedAt: processStart(pid) ?? '' }
}

async function running(place: Place, ids: readonly string[]): Promise<void> {
  for (const id of ids) await place.until(id, 'RUNNING')
}

describe('an agent that drains', () => {
  it('lets what runs end, takes nothing more, and exits after the last', async () => {
    const place = await openPlace()
    const gate = join(place.folder, 'gate')
    const deployment = await place.deploy(untilThere(gate))
    const runs = idsOf(await place.create(deployment, 3))
    const agent = startTestAgent(place)
    await running(place, runs)
    const [late] = idsOf(await place.create(deployment))
    agent.drain()
    expect(agent.status()).toMatchObject({ state: 'draining', holding: 3 })
    writeFileSync(gate, '')
    expect(await agent.done).toBe(0)
    for (const id of runs) expect((await place.run(id)).state.type).toBe('COMPLETED')
    expect(await place.run(late ?? '')).toMatchObject({ state: { type: 'SCHEDULED' }, generation: 0 })
  })

  it('in the middle of work leaves nothing behind, and another goes on', async () => {
    const place = await openPlace()
    const ledger = join(place.folder, 'ledger')
    const runs = idsOf(await place.create(await place.deploy(sh(`echo $PUSHPOOL_RUN_ID >>${ledger}`)), 20))
    const first = startTestAgent(place)
    await until('it has done some', () => first.status().outcomes.completed >= 4)
    first.drain()
    expect(await first.done).toBe(0)
    const types = new Set((await Promise.all(runs.map((id) => place.run(id)))).map(({ state }) => state.type))
    expect([...types].toSorted()).toEqual(['COMPLETED', 'SCHEDULED'])
    startTestAgent(place, { name: 'b' })
    for (const id of runs) await place.until(id, 'COMPLETED')
    expect(readFileSync(ledger, 'utf8').trim().split('\n').toSorted()).toEqual(runs.toSorted())
  })

  it('hands back what is not due yet', async () => {
    const place = await openPlace()
    const [run] = await place.create(await place.deploy(['true']), 1, 600)
    const due = run?.state.details.scheduledTime
    const agent = startTestAgent(place, { prefetchSeconds: 3_600 })
    await place.until(run?.id ?? '', 'PENDING')
    agent.drain()
    expect(await agent.done).toBe(0)
    const { state, claim } = await place.run(run?.id ?? '')
    expect({ type: state.type, due: state.details.scheduledTime, claim }).toEqual({
      type: 'SCHEDULED',
      due,
      claim: null,
    })
  })

  it('ends what runs for longer than it waits, and says of each what becomes of it', async () => {
    const place = await openPlace()
    const stubborn = sh('trap "" TERM; while :; do sleep 0.02; done')
    const client = createClient({ url: place.url })
    const crashes = await place.deploy(stubborn, { name: 'crashes' })
    const requeues = await place.deploy(stubborn, { name: 'requeues' })
    await client.updateDeployment({ id: requeues.id }, { on_agent_lost: 'requeue' })
    const runs = [...idsOf(await place.create(crashes)), ...idsOf(await place.create(requeues))]
    const agent = startTestAgent(place, { drainTimeoutSeconds: 0.2, killGraceSeconds: 0.3 })
    await running(place, runs)
    agent.drain()
    expect(await agent.done).toBe(0)
    const [crashed, requeued] = await Promise.all(runs.map((id) => place.run(id)))
    expect(crashed?.state).toMatchObject({
      type: 'CRASHED',
      message: "Agent 'a' was stopped before the run ended.",
    })
    expect(requeued).toMatchObject({ state: { type: 'SCHEDULED' }, claim: null })
  })

  it('does so when an operator wants it', async () => {
    const place = await openPlace()
    await place.deploy(['true'])
    const agent = startTestAgent(place)
    await until('it is known', () => agent.status().state === 'online')
    await createClient({ url: place.url }).drainAgent({ id: agent.options.id })
    expect(await agent.done).toBe(0)
  })

  it('ends at once, with what it runs, when it is told again', async () => {
    const place = await openPlace()
    const gate = join(place.folder, 'gate')
    const [run] = await place.create(await place.deploy(untilThere(gate)))
    const agent = startTestAgent(place, { killGraceSeconds: 60 })
    await running(place, [run?.id ?? ''])
    const { pid, startedAt } = await onlyProcess(gate)
    agent.drain()
    agent.endNow()
    expect(await agent.done).toBe(130)
    expect(stillRuns(pid, startedAt)).toBe(false)
    expect((await place.run(run?.id ?? '')).state.type).toBe('CRASHED')
  })
})

describe('an agent', () => {
  it.each([0, 1, 5])('that runs once ends after what it got: %i runs', async (count) => {
    const place = await openPlace()
    const runs = idsOf(await place.create(await place.deploy(['true']), count))
    const agent = startTestAgent(place, { runOnce: true, limit: null })
    expect(await agent.done).toBe(0)
    for (const id of runs) expect((await place.run(id)).state.type).toBe('COMPLETED')
    expect(agent.status()).toMatchObject({ state: 'ended', claimed: count, outcomes: { completed: count } })
  })

  it('that runs once gets no more than it has slots', async () => {
    const place = await openPlace()
    await place.create(await place.deploy(['true']), 5)
    const agent = startTestAgent(place, { runOnce: true, limit: 2 })
    expect(await agent.done).toBe(0)
    expect(agent.status().claimed).toBe(2)
  })

  it('ends when it was idle for long enough, and not while it runs something', async () => {
    const place = await openPlace()
    const [run] = await place.create(await place.deploy(['sleep', '0.6']))
    const agent = startTestAgent(place, { exitWhenIdleSeconds: 0.3 })
    expect(await agent.done).toBe(0)
    expect((await place.run(run?.id ?? '')).state.type).toBe('COMPLETED')
  })

  it('whose id another process takes over ends what it runs, and exits', async () => {
    const place = await openPlace()
    const gate = join(place.folder, 'gate')
    const [run] = await place.create(await place.deploy(untilThere(gate)))
    const id = randomUUID()
    const first = startTestAgent(place, { id, leaseSeconds: 6 })
    await running(place, [run?.id ?? ''])
    const { pid, startedAt } = await onlyProcess(gate)
    const second = startTestAgent(place, { id })
    expect(await first.done).toBe(5)
    expect(stillRuns(pid, startedAt)).toBe(false)
    await until('the other is known', () => second.status().state === 'online')
  })

  it('whose session is over ends what it runs, and goes on in another', async () => {
    const place = await openPlace()
    const gate = join(place.folder, 'gate')
    const deployment = await place.deploy(untilThere(gate))
    const [run] = await place.create(deployment)
    const agent = startTestAgent(place, { leaseSeconds: 6 })
    await running(place, [run?.id ?? ''])
    const { pid, startedAt } = await onlyProcess(gate)
    await createClient({ url: place.url }).deleteAgent({ id: agent.options.id })
    await until('its process is gone', () => !stillRuns(pid, startedAt))
    writeFileSync(gate, '')
    const [next] = await place.create(deployment)
    await place.until(next?.id ?? '', 'COMPLETED')
    await until('it has let go of both', () => agent.status().holding === 0)
    expect(agent.status().outcomes).toMatchObject({ lost: 1, completed: 1 })
  })
})
