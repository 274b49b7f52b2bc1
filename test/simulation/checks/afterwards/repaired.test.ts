import { expect, it } from 'vitest'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { emptyFork, poolWithRuns } from '../small-world.ts'
import { repairProblems } from './repaired.ts'
import { setFree } from './set-free.ts'

/** A chance by which nothing else happens. */
const calm = () => Object.assign(new Chance('calm'), { hits: () => false })

/** A run at work in the process that began it, which falls silent. */
async function runAtWork(fork: Fork): Promise<string> {
  const flow = await fork.call('createFlow', { name: 'job' })
  const { body } = await fork.call('createFlowRun', { flow_id: flow.body.id as string, state: { type: 'RUNNING' } })
  return body.id as string
}

it.each([
  ['is paused beyond its time', (now: number) => pausedFor(now, 60)],
  ['is cancelling, and its client is silent', () => ({ type: 'CANCELLING' as const })],
])('finds a run of no pool that %s, if no sweep looks at it', async (words, state) => {
  const fork = emptyFork()
  const id = await runAtWork(fork)
  await fork.call('setFlowRunState', { id }, { state: state(fork.clock.at) })
  expect(await repairProblems(fork.fork(), calm())).toEqual([])
  fork.sweep = () => Promise.resolve(0)
  expect(await repairProblems(fork, calm())).toEqual([expect.stringContaining(words)])
})

function pausedFor(now: number, seconds: number) {
  const details = { pause_reschedule: false, pause_timeout: formatInstant(addSeconds(now, seconds)) }
  return { type: 'PAUSED' as const, state_details: details }
}

it('finds nothing that a sweep leaves after an upheaval', async () => {
  const fork = emptyFork()
  await poolWithRuns(fork, 'ecs:push', 3)
  await fork.tick()
  for (let n = 1; n <= 5; n += 1) expect(await repairProblems(fork.fork(), new Chance(`upheaval ${n}`))).toEqual([])
})

it('finds a run that nothing starts but a tick', async () => {
  const fork = emptyFork()
  await poolWithRuns(fork, 'ecs:push', 2)
  await fork.tick()
  expect(await setFree(fork.fork(), new Chance('free'))).toEqual([])
  fork.deliver = () => Promise.resolve()
  expect(await setFree(fork, new Chance('free'))).toEqual([expect.stringContaining('waits for a tick')])
})
