import { expect, it } from 'vitest'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { emptyFork, poolWithRuns } from '../small-world.ts'
import { cutShort } from './cut-short.ts'
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

it('finds a launch that was lost, if no sweep looks for it', async () => {
  const fork = emptyFork()
  await poolWithRuns(fork, 'ecs:push', 1)
  fork.ecs.refuse = () => new Error('no answer')
  await cutShort(fork, Object.assign(calm(), { hits: () => true, whole: () => 1 }), () => fork.tick())
  fork.ecs.refuse = () => undefined
  expect(await repairProblems(fork.fork(), calm())).toEqual([])
  fork.sweep = () => Promise.resolve(0)
  expect(await repairProblems(fork, calm())).toEqual([expect.stringContaining('is not launched')])
})

it('finds what nothing keeps from starting but a queue that is open again', async () => {
  const fork = emptyFork()
  const { deploymentId } = await poolWithRuns(fork, 'ecs:push', 1)
  await fork.call('updateDeployment', { id: deploymentId }, { concurrency_limit: 1 })
  for (let looks = 0; looks < 4; looks += 1) {
    fork.pass(4)
    await fork.sweep()
  }
  await fork.tick()
  const closed = Object.assign(new Chance('closed'), { next: () => 0 })
  expect(await setFree(fork.fork(), closed)).toEqual([])
  fork.deliver = () => Promise.resolve()
  expect(await setFree(fork, closed)).toContainEqual(expect.stringContaining('the queue of pool was opened'))
})
