import { expect, it, onTestFinished } from 'vitest'
import { Chance } from '../../simulation/machine/chance.ts'
import { seeds } from '../../support/seeds.ts'
import { until } from '../../support/until.ts'
import { type Fate, openProxy } from '../support/api-proxy.ts'
import { countBy, Ledger, mostAtOnce } from './support/ledger.ts'
import { openMachine } from './support/machine.ts'

const RUNS = 36
const LIMIT = 3
const LATE_MS_MAX = 2_000
const ARGS = ['-q', 'work', '--limit', String(LIMIT), '--lease-seconds', '6', '--prefetch-seconds', '0']

/** What a bad network does to a request; a request that is carried out late may come after newer ones, and so may an answer. */
async function fateOf(chance: Chance): Promise<Fate> {
  const draw = chance.next()
  if (draw < 0.15) return 'swallowed'
  if (draw < 0.2) return 'dropped'
  if (draw < 0.3) return { status: 503 }
  if (draw < 0.45) return { lateMs: chance.between(0, LATE_MS_MAX) }
  if (draw < 0.5) await new Promise((resolve) => setTimeout(resolve, chance.between(0, LATE_MS_MAX)))
  return 'passed'
}

it.each(seeds(1))('each run is started once, and none is forgotten, on a bad network (seed %i)', async (seed) => {
  const machine = await openMachine()
  onTestFinished(() => machine.close())
  const proxy = await openProxy(machine.service.url)
  const ledger = new Ledger(machine, 'ledger')
  const onAgentLost = 'requeue'
  const deployment = await machine.deploy(ledger.command('short', 1, 0.1), { onAgentLost })
  const chance = new Chance(`network ${seed}`)
  for (const name of ['one', 'two']) machine.start(name, ARGS, `${proxy.url}/api`)
  await machine.online('one', 'two')
  proxy.decide = () => fateOf(chance)
  const runs = await machine.create(deployment, RUNS)
  const started = () => new Set(ledger.lives().map(({ runId }) => runId)).size
  for (const share of [0.25, 0.5]) {
    await until('it goes on', () => started() > share * RUNS, 60_000)
    await proxy.close()
    await until('what runs has ended', () => ledger.lives().every(({ ended }) => ended))
    await proxy.open()
  }
  await until('most have started', () => started() > 0.75 * RUNS, 60_000)
  proxy.decide = () => 'passed'
  const ended = await machine.ended(runs)
  expect(countBy(ended, ({ state_type: type }) => type)).toEqual(new Map([['COMPLETED', RUNS]]))
  const lives = ledger.lives()
  const handOuts = lives.map(({ runId, generation }) => `${runId}/${generation}`)
  expect(handOuts).toHaveLength(new Set(handOuts).size)
  for (const id of runs) expect(mostAtOnce(lives.filter(({ runId }) => runId === id))).toBe(1)
  for (const name of ['one', 'two'])
    expect(mostAtOnce(lives.filter(({ agent }) => agent === name))).toBeLessThanOrEqual(LIMIT)
})
