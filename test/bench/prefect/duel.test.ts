import { expect, it } from 'vitest'
import type { Contenders, Side } from '../../../bench/prefect/contenders.ts'
import { duel } from '../../../bench/prefect/duel.ts'
import { HttpClient } from '../../../bench/service/http-client.ts'

/** Two idle servers; each round costs `cpuMs` of CPU, however many operations are in it. */
function contenders(cpuMs: Record<Side, number>): Contenders {
  const contender = (side: Side) => {
    let asked = 0
    const used = () => {
      asked += 1
      // Read before and after each round: every second reading is one round further.
      return Math.floor(asked / 2) * cpuMs[side]
    }
    return { client: new HttpClient('http://127.0.0.1:1', 1), cpuMs: used }
  }
  return { sides: { pushpool: contender('pushpool'), Prefect: contender('Prefect') }, notes: [] }
}

it('takes turns, with each side starting equally often, and reports the ratio of each round', async () => {
  const turns: Side[] = []
  const operation = (side: Side) => async () => {
    if (turns.at(-1) !== side) turns.push(side)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const operations = { pushpool: operation('pushpool'), Prefect: operation('Prefect') }
  const errors: string[] = []
  const load = { rounds: 3, seconds: 0.02, clients: 2, operations }
  const row = await duel(contenders({ pushpool: 10, Prefect: 1_000_000 }), load, errors)
  // The warm-up, then three rounds; a side that ends one round and begins the next shows once.
  expect(turns).toEqual(['pushpool', 'Prefect', 'pushpool', 'Prefect', 'pushpool', 'Prefect'])
  expect(errors).toEqual([])
  expect(Number(row.lowest)).toBeGreaterThan(0)
  expect(Number(row.lowest)).toBeLessThanOrEqual(Number(row.ratio))
  expect(Number(row.ratio)).toBeLessThanOrEqual(Number(row.highest))
  expect(Number(row['Prefect CPU ms'])).toBeGreaterThan(Number(row['pushpool CPU ms']))
})

it('continues when requests fail, and reports them', async () => {
  const operations = { pushpool: () => Promise.resolve(), Prefect: () => Promise.reject(new Error('503')) }
  const errors: string[] = []
  await duel(contenders({ pushpool: 1, Prefect: 1 }), { rounds: 1, seconds: 0.01, clients: 1, operations }, errors)
  expect(new Set(errors)).toEqual(new Set(['503']))
})
