import { expect, it } from 'vitest'
import { formatInstant } from '#shared/instant.ts'
import { Chance } from '../../machine/chance.ts'
import { emptyFork, poolWithRuns } from '../small-world.ts'
import { momentOf } from '../starts.ts'
import { otherProblems } from './explained-others.ts'
import { drawFilter } from './filters.ts'
import { operatedProblems } from './operated.ts'
import { pollProblems } from './polled.ts'
import { shownProblems } from './shown.ts'

const chances = Array.from({ length: 8 }, (_, n) => new Chance(`answers ${n}`))

it('finds nothing wrong with what people do and ask for', async () => {
  const fork = emptyFork()
  await poolWithRuns(fork, 'process', 3)
  await fork.call('createFlowRun', { flow_id: [...momentOf(fork).picture.runs.values()][0]?.flowId ?? '' })
  for (const chance of chances) {
    const moment = momentOf(fork)
    expect(await operatedProblems(fork, moment, chance)).toEqual([])
    expect(await pollProblems(fork, moment, chance)).toEqual([])
    expect(await otherProblems(fork, moment, chance)).toEqual([])
  }
})

it('finds an act that comes to nothing, and one that is explained otherwise', async () => {
  const fork = emptyFork()
  await poolWithRuns(fork, 'ecs:push', 1)
  const waiting = momentOf(fork)
  await fork.tick()
  const problems = await Promise.all(chances.map((chance) => operatedProblems(fork, waiting, chance)))
  expect(problems.flat()).toContainEqual(expect.stringContaining('was cancelled while it waited'))
  const held = momentOf(fork)
  const [run] = held.picture.runs.values()
  await fork.call('setFlowRunState', { id: run?.id ?? '' }, { state: { type: 'CANCELLING' } })
  expect(await otherProblems(fork, held, new Chance('others'))).toContainEqual(expect.stringContaining('should be'))
})

it('finds a poll that answers what is not there', async () => {
  const fork = emptyFork()
  await poolWithRuns(fork, 'process', 3)
  const moment = momentOf(fork)
  await fork.call('updateWorkPool', { name: 'pool' }, { concurrency_limit: null })
  const gone = { ...moment, places: { ...moment.places, queues: new Map() } }
  const all = await Promise.all(chances.map((chance) => pollProblems(fork, gone, chance)))
  expect(all.flat()).toEqual([])
  const started = [...moment.picture.runs].map(
    ([life, run]) => [life, { ...run, queueId: null, poolId: null }] as const,
  )
  const elsewhere = { ...moment, picture: { ...moment.picture, runs: new Map(started) } }
  const found = await Promise.all(chances.map((chance) => pollProblems(fork, elsewhere, chance)))
  expect(found.flat()).toContainEqual(expect.stringContaining('which it should not'))
})

it('finds what is shown otherwise than it is stored', async () => {
  const fork = emptyFork()
  const { ids } = await poolWithRuns(fork, 'process', 1)
  const { body } = await fork.call('getFlowRun', { id: ids[0] ?? '' })
  const moment = momentOf(fork)
  expect(shownProblems([body], moment)).toEqual([])
  const later = { ...body, end_time: formatInstant(moment.now), state_name: 'Late' }
  expect(shownProblems([later], moment).map((each) => / with (\w+)/.exec(each)?.[1])).toEqual([
    'end_time',
    'state_name',
  ])
})

it('draws filters that runs have', () => {
  const run = { state: { type: 'SCHEDULED', name: 'Scheduled' }, state_type: 'SCHEDULED', tags: [], name: 'a' }
  const times = { start_time: null, end_time: null, next_scheduled_start_time: null, expected_start_time: '2026' }
  const places = { deployment_id: null, work_queue_name: null, work_pool_name: null, idempotency_key: null }
  const drawn = chances.map((chance) =>
    drawFilter([{ ...run, ...times, ...places, parent_task_run_id: null }], 0, chance),
  )
  expect(drawn.every((asked) => asked !== undefined)).toBe(true)
  expect(drawFilter([], 0, new Chance('none'))).toBeUndefined()
})
