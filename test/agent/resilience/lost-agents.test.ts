import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { getAgent } from '#shared/storage/agent/get-agent.ts'
import { readRun } from '../../support/fixtures/fixtures.ts'
import { until } from '../../support/until.ts'
import type { AgentProcess } from './support/hosts.ts'
import { type Machine, openMachine } from './support/machine.ts'
import { markedProcesses } from './support/marked-processes.ts'

/** Of each the agent, its queue and its run; all are struck at once, since what follows takes its time. */
const CASES = [
  { name: 'stopped-crash', signal: 'SIGSTOP', onAgentLost: 'crash' },
  { name: 'stopped-requeue', signal: 'SIGSTOP', onAgentLost: 'requeue' },
  { name: 'killed-crash', signal: 'SIGKILL', onAgentLost: 'crash' },
  { name: 'killed-requeue', signal: 'SIGKILL', onAgentLost: 'requeue' },
] as const
type Name = (typeof CASES)[number]['name']

const LEASE_SECONDS = 6
const STOPPED_SECONDS = LEASE_SECONDS + 10
const ARGS = ['--limit', '1', '--lease-seconds', String(LEASE_SECONDS), '--prefetch-seconds', '0']
/** Four agents start side by side. */
const BEGUN_MS = 60_000
const SETUP_MS = 180_000
const BEATING = join(import.meta.dirname, 'support/beating-program.ts')

interface Struck {
  agent: AgentProcess
  agentId: string
  session: string
  runId: string
  life: string
  /** Until when the service had the run as the agent's, on the host's clock. */
  fence: number
  /** What was in the run's logs by the time its agent could go on. */
  logged: readonly Line[]
}

interface Beat {
  at: number
  pid: number
  generation: number
}

interface Line {
  message: string
  at: number
}

let machine: Machine
/** From the service's clock to the host's. */
const clockDifference = hostSeconds() - Date.now() / 1000
const struck = new Map<Name, Struck>()
const of = (name: Name) => struck.get(name) ?? raise(name)

function raise(name: string): never {
  throw new Error(`${name} was not set up`)
}

function readBeats(lines: readonly string[]): Beat[] {
  return lines.map((line) => {
    const [at = 0, pid = 0, generation = 0] = line.split(' ').map(Number)
    return { at, pid, generation }
  })
}

function beatsOf(runId: string): Beat[] {
  const file = join(machine.folder, runId)
  return existsSync(file) ? readBeats(readFileSync(file, 'utf8').trim().split('\n')) : []
}

async function logsOf(runId: string): Promise<Line[]> {
  const lines = await machine.client.listLogs({ logs: { flow_run_id: { any_: [runId] } }, limit: 200 })
  return lines.map(({ message, timestamp }) => ({ message, at: Date.parse(timestamp) / 1000 + clockDifference }))
}

async function begin({ name, onAgentLost }: (typeof CASES)[number]): Promise<void> {
  const command = `${process.execPath} ${BEATING} ${machine.folder}`
  const deploymentId = await machine.deploy(command, { queue: name, onAgentLost })
  const [runId = ''] = await machine.create(deploymentId)
  const agent = machine.start(name, ['-q', name, ...ARGS])
  await until('its run beats', () => beatsOf(runId).length > 3, BEGUN_MS)
  const { life, claim } = await readRun(machine.service.deps, runId)
  const { agentId = '', session = '' } = claim?.session ?? {}
  struck.set(name, { agent, agentId, session, runId, life, fence: 0, logged: [] })
}

/** Watches a run until it is no longer its agent's. What the service said last of the lease is the fence. */
async function untilLost(each: Struck): Promise<void> {
  await until(
    'the run is lost',
    async () => {
      const { lease_until: leaseUntil } = await machine.client.getAgent({ id: each.agentId })
      if (leaseUntil) each.fence = Date.parse(leaseUntil) / 1000 + clockDifference
      return (await machine.run(each.runId)).state_type !== 'RUNNING'
    },
    2 * LEASE_SECONDS * 1000,
  )
}

beforeAll(async () => {
  machine = await openMachine()
  await Promise.all(CASES.map(begin))
  const struckAt = hostSeconds()
  for (const { name, signal } of CASES) of(name).agent.child.kill(signal)
  const heirs = CASES.filter(({ onAgentLost }) => onAgentLost === 'requeue')
  machine.start('heir', [...heirs.flatMap(({ name }) => ['-q', name]), '--lease-seconds', String(LEASE_SECONDS)])
  await Promise.all([...struck.values()].map(untilLost))
  await until('the time is over', () => hostSeconds() - struckAt > STOPPED_SECONDS, 2 * STOPPED_SECONDS * 1000)
  for (const each of struck.values()) each.logged = await logsOf(each.runId)
  for (const { name, signal } of CASES) {
    if (signal === 'SIGSTOP') of(name).agent.child.kill('SIGCONT')
    else of(name).agent = machine.start(name, ['-q', name, ...ARGS])
  }
}, SETUP_MS)
afterAll(() => machine.close())

describe.each(CASES)('a run whose agent is $name', ({ name, onAgentLost }) => {
  const crashes = onAgentLost === 'crash'

  it('does nothing more once the service takes it for lost', () => {
    const { runId, life, fence, logged } = of(name)
    expect(markedProcesses(`${runId}/${life}/1`)).toEqual([])
    for (const beats of [beatsOf(runId), readBeats(logged.map(({ message }) => message))]) {
      const own = beats.filter(({ generation }) => generation === 1)
      expect(own.length).toBeGreaterThan(3)
      expect(Math.max(...own.map(({ at }) => at))).toBeLessThan(fence)
    }
  })

  it(`is ${crashes ? 'Crashed' : 'run by another agent, and never beside itself'}`, async () => {
    const { runId } = of(name)
    const states = await machine.statesOf(runId)
    const types = states.map(({ type }) => type)
    const begun = ['SCHEDULED', 'PENDING', 'RUNNING']
    expect(types).toEqual(crashes ? [...begun, 'CRASHED'] : [...begun, ...begun])
    expect(states[3]?.message).toBe(`The agent '${name}' that held this run was lost: its lease ran out.`)
    const beats = beatsOf(runId)
    const generations = beats.map(({ generation }) => generation)
    expect(generations).toEqual(generations.toSorted((a, b) => a - b))
    expect(new Set(beats.map(({ pid }) => pid)).size).toBe(crashes ? 1 : 2)
  })

  it('takes no state of its old process any more', async () => {
    const { runId, life } = of(name)
    const headers = { 'x-pushpool-generation': `${runId}/${life}/1` }
    const before = await machine.statesOf(runId)
    for (const type of ['RUNNING', 'COMPLETED'] as const) {
      const answer = await machine.client.setFlowRunState({ id: runId }, { state: { type } }, { headers })
      expect(answer.status).toBe('ABORT')
    }
    expect(await machine.statesOf(runId)).toEqual(before)
  })

  it('leaves an agent that goes on with new work, in a new session', async () => {
    const { agent, agentId, session, runId, fence } = of(name)
    const [next = ''] = await machine.create(await machine.deploy('true', { queue: name, flow: 'next' }))
    expect(await machine.ended([next])).toMatchObject([{ state_type: 'COMPLETED' }])
    expect(agent.isOver()).toBe(false)
    const agents = await machine.client.listAgents({ agents: { name: { any_: [name] } } })
    expect(agents).toMatchObject([{ id: agentId, status: 'ONLINE' }])
    expect((await getAgent(machine.service.deps.table, agentId))?.session).not.toBe(session)
    // What its old process had printed last may be stored late, but was written in time.
    const own = (await logsOf(runId)).filter(({ message }) => message.endsWith(' 1'))
    expect(Math.max(...own.map(({ at }) => at))).toBeLessThan(fence)
  })

  it.skipIf(crashes)('comes to its end', async () => {
    const { runId } = of(name)
    writeFileSync(join(machine.folder, `${runId}.gate`), '')
    expect(await machine.ended([runId])).toMatchObject([{ state_type: 'COMPLETED', run_count: 2 }])
  })
})
