import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placePriority, polledRecently, queueIdOf, queueStatus } from '#shared/work-queue/work-queue.ts'
import { counterexample } from '../support/faults/counterexample.ts'
import { at } from '../support/fixtures/a-run.ts'

const queues = (priorities: readonly number[]) => priorities.map((priority) => ({ id: `q${priority}`, priority }))

describe('a new queue', () => {
  const PLACES: [number[], number | undefined, number, [string, number][]][] = [
    // By default it gets the lowest free number, and no queue moves.
    [[], undefined, 1, []],
    [[1], undefined, 2, []],
    [[1, 2, 4], undefined, 3, []],
    [[2, 3], undefined, 1, []],
    // A requested priority is granted, and queues in the way move down by as little as needed.
    [[], 5, 5, []],
    [[1, 2], 3, 3, []],
    [[1], 1, 1, [['q1', 2]]],
    [
      [1, 2, 3],
      2,
      2,
      [
        ['q2', 3],
        ['q3', 4],
      ],
    ],
    [[1, 2, 4], 2, 2, [['q2', 3]]],
    [[1, 3, 4], 2, 2, []],
    [
      [5, 6, 8, 9],
      5,
      5,
      [
        ['q5', 6],
        ['q6', 7],
      ],
    ],
    // The order of the others does not matter.
    [
      [3, 1, 2],
      1,
      1,
      [
        ['q1', 2],
        ['q2', 3],
        ['q3', 4],
      ],
    ],
  ]
  it.each(PLACES)('among %j that requests %s gets %i and moves %j', (others, wish, priority, moved) => {
    const expected = { priority, moved: moved.map(([id, to]) => ({ id, priority: to })) }
    expect(placePriority(queues(others), wish)).toEqual(expected)
  })

  it('separates even queues that shared a number', () => {
    const twins = [
      { id: 'a', priority: 2 },
      { id: 'b', priority: 2 },
    ]
    expect(placePriority(twins, 2).moved).toEqual([
      { id: 'a', priority: 3 },
      { id: 'b', priority: 4 },
    ])
  })

  const others = fc.uniqueArray(fc.integer({ min: 1, max: 12 })).map(queues)
  const wish = fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined })
  const broken = (rule: (others: { id: string; priority: number }[], wish: number | undefined) => boolean) =>
    counterexample(fc.property(others, wish, rule), 1000)
  const after = (before: { id: string; priority: number }[], wanted: number | undefined) => {
    const { priority, moved } = placePriority(before, wanted)
    const to = new Map(moved.map((move) => [move.id, move.priority]))
    return {
      own: priority,
      others: before.map((queue) => ({ ...queue, priority: to.get(queue.id) ?? queue.priority })),
    }
  }

  it('gets the priority it requests, and no priority is used twice', () => {
    const rule = (before: { id: string; priority: number }[], wanted: number | undefined) => {
      const { own, others: placed } = after(before, wanted)
      const all = [own, ...placed.map((queue) => queue.priority)]
      return (wanted === undefined || own === wanted) && new Set(all).size === all.length
    }
    expect(broken(rule)).toBeUndefined()
  })

  it('preserves the order of the others', () => {
    const order = (all: readonly { id: string; priority: number }[]) =>
      all.toSorted((a, b) => a.priority - b.priority).map(({ id }) => id)
    const rule = (before: { id: string; priority: number }[], wanted: number | undefined) =>
      order(after(before, wanted).others).join() === order(before).join()
    expect(broken(rule)).toBeUndefined()
  })

  it('moves no queue up, and none further than needed', () => {
    const rule = (before: { id: string; priority: number }[], wanted: number | undefined) => {
      const { moved } = placePriority(before, wanted)
      // The unbroken run of taken numbers from the requested one on moves; each goes down by one.
      let row = 0
      const taken = new Set(before.map(({ priority }) => priority))
      while (taken.has((wanted ?? Number.NaN) + row)) row += 1
      const one = moved.every(({ id, priority }) => before.some((q) => q.id === id && q.priority === priority - 1))
      return moved.length === row && one
    }
    expect(broken(rule)).toBeUndefined()
  })
})

it.each([
  // last polled (seconds ago), paused, push → status
  [null, false, false, 'NOT_READY'],
  [60, false, false, 'READY'],
  [60.000001, false, false, 'NOT_READY'],
  [0, true, false, 'PAUSED'],
  // The dispatcher serves the queues of a push pool; it polls nothing.
  [null, false, true, 'READY'],
  [null, true, true, 'PAUSED'],
])('a queue polled %s s ago (paused %s, of a push pool %s) is %s', (secondsAgo, paused, push, status) => {
  const lastPolled = secondsAgo === null ? null : at(-secondsAgo)
  expect(queueStatus({ paused, push, polled: polledRecently(lastPolled, at(0)) })).toBe(status)
})

it('a poll dated in the future by clock skew counts as recent', () => {
  expect(polledRecently(at(5), at(0))).toBe(true)
})

it('queues of the same name in different pools have different ids', () => {
  expect(queueIdOf('a', 'default')).toBe(queueIdOf('a', 'default'))
  expect(queueIdOf('a', 'default')).not.toBe(queueIdOf('b', 'default'))
})
