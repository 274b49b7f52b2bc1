import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { countBy, Ledger, type Life, mostAtOnce } from './support/ledger.ts'
import { type Machine, openMachine } from './support/machine.ts'

const RUNS = 200
/** Every so manieth run is heavy. */
const HEAVY = 4
const LIMIT = 3
const AGENTS = ['a1', 'a2', 'a3', 'a4', 'a5']
const ARGS = ['-q', 'work', '--limit', String(LIMIT), '--flow-limit', 'heavy=1', '--prefetch-seconds', '0']
const STARTED_MS = 120_000
/** Equal agents differ by what their processes get of a busy machine, and by who is there first for the last runs. */
const SPREAD_MAX = 10

let machine: Machine
let lives: Life[] = []
const held = new Map<string, { from: number; to: number }[]>()

beforeAll(async () => {
  machine = await openMachine()
  const ledger = new Ledger(machine, 'ledger')
  const [light, heavy] = [
    await machine.deploy(ledger.command('light', 1, 0.6), { flow: 'light' }),
    await machine.deploy(ledger.command('heavy', 1, 0.6), { flow: 'heavy' }),
  ]
  for (const name of AGENTS) machine.start(name, ARGS)
  await machine.online(...AGENTS)
  const runs: string[] = []
  for (let n = 0; n < RUNS; n += 1) runs.push(...(await machine.create(n % HEAVY === 0 ? heavy : light)))
  await until('all have ended', () => ledger.lives().filter(({ ended }) => ended).length >= RUNS, STARTED_MS)
  await machine.ended(runs)
  lives = ledger.lives()
  for (const id of runs) held.set(id, await machine.holdsOf(id))
}, STARTED_MS)
afterAll(() => machine.close())

describe.each(AGENTS)('of five agents with limits, %s', (name) => {
  it('holds no more runs at any instant than it may, of all and of one flow', () => {
    const own = lives.filter(({ agent }) => agent === name)
    const heldOf = (these: readonly Life[]) => these.flatMap(({ runId }) => held.get(runId) ?? [])
    const heavy = own.filter(({ flow }) => flow === 'heavy')
    expect(mostAtOnce(heldOf(own))).toBe(LIMIT)
    expect(mostAtOnce(heldOf(heavy))).toBe(1)
    expect(mostAtOnce(own)).toBeLessThanOrEqual(LIMIT)
    expect(mostAtOnce(heavy)).toBe(1)
  })
})

it('runs of five agents are started once each, and shared out evenly', () => {
  expect(new Set(lives.map(({ runId }) => runId)).size).toBe(RUNS)
  expect(lives).toHaveLength(RUNS)
  const counts = [...countBy(lives, ({ agent }) => agent).values()]
  console.log('runs of each agent:', ...counts)
  expect(counts).toHaveLength(AGENTS.length)
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(SPREAD_MAX)
})
