import { expect, it } from 'vitest'
import { aClaim, at, POOL_ID, runIn } from '../../support/fixtures/a-run.ts'
import { idleSlots, priorityProblems } from './dispatched.ts'
import { aLimitItem, momentWith, OTHER_QUEUE_ID, waitingRun } from './small-world.ts'

const one = (active: number) => aLimitItem(`pool#${POOL_ID}`, { limit: 1, active })

it('finds a free slot beside a run that could take it', () => {
  expect(idleSlots(momentWith([waitingRun(1)], [one(0)]))).toHaveLength(1)
  expect(idleSlots(momentWith([waitingRun(1)], [one(1)]))).toEqual([])
})

it.each([
  ['of a better queue', waitingRun(1), { queueId: OTHER_QUEUE_ID, nextScheduledStartTime: at(-60) }],
  ['that was due earlier', waitingRun(1), { nextScheduledStartTime: at(0.5) }],
])('finds a run %s that was passed over', (_, kept, rest) => {
  const taken = waitingRun(2, rest)
  const before = momentWith([kept, taken], [one(0)])
  const started = runIn('PENDING', { ...rest, id: taken.id, claim: aClaim({ slots: [] }) })
  const after = momentWith([kept, started], [one(1)])
  expect(priorityProblems(before, after)).toHaveLength(1)
  const rightly = runIn('PENDING', { id: kept.id })
  expect(priorityProblems(before, momentWith([rightly, taken], [one(1)]))).toEqual([])
})

it('says nothing of a run that its own queue kept', () => {
  const kept = waitingRun(1)
  const taken = waitingRun(2, { queueId: OTHER_QUEUE_ID })
  const closed = aLimitItem(`queue#${kept.queueId}`, { paused: true })
  const before = momentWith([kept, taken], [one(0), closed])
  const after = momentWith([kept, runIn('PENDING', { id: taken.id, queueId: OTHER_QUEUE_ID })], [one(1), closed])
  expect(priorityProblems(before, after)).toEqual([])
})
