import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { RELEASES, type Release } from './support/environments.ts'
import { type Journey, journeys } from './support/journey.ts'

/** Repeatedly enters and leaves a limited section, and records that in a file shared with other processes. */
const CONTENDER = `import os, sys, time
from prefect.concurrency.sync import concurrency
def say(what):
    with open("marks", "a") as file:
        file.write(what)
for _ in range(5):
    with concurrency("narrow", occupy=1):
        say("+")
        time.sleep(0.05)
        say("-")
`

const DRAWER = `import time
from prefect.concurrency.sync import rate_limit
for _ in range(4):
    rate_limit("rate")
    with open("draws", "a") as file:
        file.write(f"{time.time()}\\n")
`

const TAGGED = `import time
from prefect import flow, task
@task(tags=["db"])
def query(n: int):
    with open("queries", "a") as file:
        file.write("+")
    time.sleep(0.1)
    with open("queries", "a") as file:
        file.write("-")
    return n
@flow
def report():
    return sum(future.result() for future in [query.submit(n) for n in range(4)])
if __name__ == "__main__":
    print("SUM", report())
`

for (const release of Object.keys(RELEASES) as Release[]) {
  /** The commands of both 3.x releases are the same, and slow. */
  const all = release !== 'floor'

  journeys('limits', release, (journey) => {
    const gcl = (...args: string[]) => journey().cli('global-concurrency-limit', ...args)
    const tag = (...args: string[]) => journey().cli('concurrency-limit', ...args)
    const read = (name: string) => journey().call('GET', `/v2/concurrency_limits/${name}`)

    it.runIf(all)('that are global are created, shown, updated and deleted', async () => {
      await gcl('create', 'db', '--limit', '3')
      expect(await gcl('ls')).toMatch(/│ db +│/)
      expect(await gcl('inspect', 'db')).toMatch(/limit=3|"limit": 3/)
      await gcl('update', 'db', '--limit', '5', '--slot-decay-per-second', '0.5')
      await gcl('disable', 'db')
      expect(await read('db')).toMatchObject({ limit: 5, slot_decay_per_second: 0.5, active: false })
      await gcl('enable', 'db')
      expect(await read('db')).toMatchObject({ limit: 5, active: true })
      const again = await journey().prefect(['global-concurrency-limit', 'create', 'db', '--limit', '3'])
      expect(again.status).toBe(1)
      // Prefect 2 asks for confirmation.
      await journey().prefect(['global-concurrency-limit', 'delete', 'db'], { input: 'y\n' })
      await expect(read('db')).rejects.toThrow('404')
      expect((await journey().prefect(['global-concurrency-limit', 'inspect', 'db'])).output).toContain(
        "'db' not found",
      )
    })

    it.runIf(all)('on tags are created, shown, reset and deleted', async () => {
      await tag('create', 'gpu', '2')
      expect(await tag('ls')).toMatch(/gpu/)
      expect(await tag('inspect', 'gpu')).toMatch(/gpu/)
      await journey().call('POST', '/concurrency_limits/increment', {
        names: ['gpu'],
        task_run_id: '00000000-0000-4000-8000-000000000001',
      })
      expect(await tag('inspect', 'gpu')).toContain('00000000-0000-4000-8000-000000000001')
      await tag('reset', 'gpu')
      expect(await read('tag:gpu')).toMatchObject({ limit: 2, active_slots: 0 })
      await tag('delete', 'gpu')
      expect((await journey().prefect(['concurrency-limit', 'inspect', 'gpu'])).status).toBe(1)
    })

    it('keep two processes from exceeding them together', async () => {
      await gcl('create', 'narrow', '--limit', '1')
      await both(journey(), CONTENDER)
      expect(readFileSync(join(journey().folder, 'marks'), 'utf8')).toBe('+-'.repeat(10))
      expect(await read('narrow')).toMatchObject({ active_slots: 0 })
    })

    it('of a rate keep two processes from exceeding them together', async () => {
      await gcl('create', 'rate', '--limit', '2', '--slot-decay-per-second', '2')
      await both(journey(), DRAWER)
      const draws = readFileSync(join(journey().folder, 'draws'), 'utf8').trim().split('\n').map(Number)
      expect(draws).toHaveLength(8)
      // Six of eight had to decay, at two a second; a slow process may write its mark late.
      expect(Math.max(...draws) - Math.min(...draws)).toBeGreaterThan(1.5)
    })

    it('on tags limit the tasks of a flow', async () => {
      await tag('create', 'db', '1')
      const { output } = await journey().python(TAGGED)
      expect(output).toContain('SUM 6')
      expect(readFileSync(join(journey().folder, 'queries'), 'utf8')).toBe('+-'.repeat(4))
      expect(await read('tag:db')).toMatchObject({ active_slots: 0 })
      expect(journey().faults()).toEqual([])
    })
  })
}

async function both(journey: Journey, script: string): Promise<void> {
  const finished = await Promise.all([journey.python(script), journey.python(script)])
  expect(finished.map(({ status, output }) => (status === 0 ? 0 : output))).toEqual([0, 0])
}
