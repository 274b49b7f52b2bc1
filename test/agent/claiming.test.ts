import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createClient } from '#shared/client/create-client.ts'
import { until } from '../support/until.ts'
import { withService } from './support/place.ts'
import { startTestAgent } from './support/start-agent.ts'

const openPlace = withService()
const sh = (script: string) => ['/bin/sh', '-c', script]
const linesOf = (file: string) => readFileSync(file, 'utf8').trim().split('\n')

describe('an agent of several queues', () => {
  it('starts all runs of the first before any of the second', async () => {
    const place = await openPlace()
    const ledger = join(place.folder, 'ledger')
    const note = sh(`echo $NAME >>${ledger}`)
    const [b, a] = [
      await place.deploy(note, { name: 'b', queue: 'b', variables: { env: { NAME: 'b' } } }),
      await place.deploy(note, { name: 'a', queue: 'a', variables: { env: { NAME: 'a' } } }),
    ]
    const later = await place.create(b, 4)
    const sooner = await place.create(a, 4)
    startTestAgent(place, { queues: ['a', 'b'], limit: 1 })
    for (const { id } of [...sooner, ...later]) await place.until(id, 'COMPLETED')
    expect(linesOf(ledger)).toEqual('a a a a b b b b'.split(' '))
  })

  it('has those that it names created, and says which it matches', async () => {
    const place = await openPlace()
    await place.deploy(['true'], { queue: 'prio-1' })
    const agent = startTestAgent(place, { queues: ['new'], match: ['prio'], leaseSeconds: 6 })
    await until('it said so', () => agent.said.length >= 2)
    expect(agent.said.slice(0, 2)).toEqual(["Created work queue 'new'.", 'Matched new work queues: prio-1'])
    await createClient({ url: place.url }).deleteWorkQueue({ pool: place.pool, queue: 'prio-1' })
    await until('it misses one', () => agent.said.includes('Work queues no longer matched: prio-1'))
  })
})

describe('an agent with a limit', () => {
  it('runs no more at once, of all or of one flow', async () => {
    const place = await openPlace()
    const ledger = join(place.folder, 'ledger')
    const script = sh(`echo + >>${ledger}; sleep 0.1; echo - >>${ledger}`)
    const runs = await place.create(await place.deploy(script), 6)
    const agent = startTestAgent(place, { limit: 3, flowLimits: { byFlow: { job: 1 } } })
    for (const { id } of runs) await place.until(id, 'COMPLETED')
    expect(linesOf(ledger).join('')).toBe('+-'.repeat(6))
    const free = startTestAgent(place, { limit: 2, name: 'b' })
    agent.drain()
    await agent.done
    const more = await place.create(await place.deploy(script, { name: 'more' }), 5)
    for (const { id } of more) await place.until(id, 'COMPLETED')
    let [now, most] = [0, 0]
    for (const line of linesOf(ledger).slice(12)) {
      now += line === '+' ? 1 : -1
      most = Math.max(most, now)
    }
    expect(most).toBe(2)
    expect(free.said.join()).toContain('Flow run limit reached; 2 flow runs in progress.')
  })
})
