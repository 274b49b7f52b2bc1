import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { queueLimit } from '#shared/limit/limit.ts'
import { Chance } from '../../simulation/machine/chance.ts'
import { readLimit } from '../../support/fixtures/fixtures.ts'
import { seeds } from '../../support/seeds.ts'
import { until } from '../../support/until.ts'
import { countBy, Ledger, type Life, mostAtOnce } from './support/ledger.ts'
import { type Machine, openMachine } from './support/machine.ts'
import { markedProcesses } from './support/marked-processes.ts'

const KILLS = 50
const AGENTS = 4
const LIMIT = 2
/** What was killed holds its slots for as long as its lease counts. */
const QUEUE_LIMIT = 16
const BACKLOG = 12
const ARGS = ['-q', 'work', '--limit', String(LIMIT), '--lease-seconds', '5', '--prefetch-seconds', '0']
const LIFE_MS_MAX = 500
const TIMEOUT_MS = 60_000

type Policy = 'crash' | 'requeue'

/** Keeps runs waiting, as many of each policy, until it is told to stop; returns all that it created. */
async function keepBusy(machine: Machine, ledger: Ledger, goesOn: () => boolean): Promise<Record<Policy, string[]>> {
  const runs: Record<Policy, string[]> = { crash: [], requeue: [] }
  const deploy = (onAgentLost: Policy) =>
    machine.deploy(ledger.command(onAgentLost, 4, 0.2), { flow: onAgentLost, onAgentLost })
  const deployments = { crash: await deploy('crash'), requeue: await deploy('requeue') }
  const waiting = () => runs.crash.length + runs.requeue.length - startedOf(ledger.lives())
  while (goesOn()) {
    for (const policy of ['crash', 'requeue'] as const) {
      runs[policy].push(...(await machine.create(deployments[policy], BACKLOG / 2)))
    }
    await until('there is need of more', () => waiting() < BACKLOG || !goesOn(), TIMEOUT_MS)
  }
  return runs
}

const startedOf = (lives: readonly Life[]) => new Set(lives.map(({ runId }) => runId)).size

/** One agent after the other, under the name of the last or a new one, each killed at some moment; the last lives on. */
async function strike(machine: Machine, ledger: Ledger, place: string, mayKill: () => boolean): Promise<void> {
  const chance = new Chance(place)
  for (let number = 0; ; number += chance.hits(0.5) ? 1 : 0) {
    const name = `${place}-${number}`
    const before = ledger.lives().length
    const { child } = machine.start(name, ARGS)
    if (!mayKill()) return
    const hasBegun = () =>
      ledger
        .lives()
        .slice(before)
        .some(({ agent }) => agent === name)
    if (chance.hits(0.8)) await until('it has begun something', hasBegun, TIMEOUT_MS)
    await sleep(chance.between(0, LIFE_MS_MAX))
    child.kill('SIGKILL')
  }
}

it.each(seeds(1))(`agents are killed ${KILLS} times, and no run is lost, or twice at once (seed %i)`, async (seed) => {
  const machine = await openMachine()
  onTestFinished(() => machine.close())
  const ledger = new Ledger(machine, 'ledger')
  const limit = { concurrency_limit: QUEUE_LIMIT }
  const queue = await machine.client.createWorkQueue({ pool: 'machines' }, { name: 'work', ...limit })
  let kills = 0
  const mayKill = () => kills < KILLS && (kills += 1) > 0
  const places = Array.from({ length: AGENTS }, (_, place) => `agent-${seed}-${place}`)
  const striking = Promise.all(places.map((place) => strike(machine, ledger, place, mayKill)))
  const { crash, requeue } = await keepBusy(machine, ledger, () => kills < KILLS)
  await striking
  const runs = [...crash, ...requeue]
  const typesOf = async (ids: string[]) => countBy(await machine.ended(ids, TIMEOUT_MS), (run) => run.state_type)
  expect(await typesOf(requeue)).toEqual(new Map([['COMPLETED', requeue.length]]))
  const { COMPLETED: done = 0, CRASHED: lost = 0 } = Object.fromEntries(await typesOf(crash))
  expect(done + lost).toBe(crash.length)
  expect(lost).toBeGreaterThan(0)
  const lives = ledger.lives()
  const handOuts = lives.map(({ runId, generation }) => `${runId}/${generation}`)
  expect(handOuts).toHaveLength(new Set(handOuts).size)
  for (const id of runs) expect(mostAtOnce(lives.filter(({ runId }) => runId === id))).toBeLessThanOrEqual(1)
  for (const name of new Set(lives.map(({ agent }) => agent))) {
    expect(mostAtOnce(lives.filter(({ agent }) => agent === name))).toBeLessThanOrEqual(LIMIT)
  }
  await until('nothing is left of them', () => markedProcesses(machine.folder).length === 0)
  const held = (await Promise.all(runs.map((id) => machine.holdsOf(id)))).flat()
  expect(mostAtOnce(held)).toBeLessThanOrEqual(QUEUE_LIMIT)
  expect(await readLimit(machine.service.deps, queueLimit(queue.id))).toMatchObject({ active: 0 })
})
