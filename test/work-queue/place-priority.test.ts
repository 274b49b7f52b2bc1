import fc from 'fast-check'
import { expect, it } from 'vitest'
import { placePriority } from '#shared/work-queue/work-queue.ts'

const queues = fc
  .uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 20 })
  .map((priorities) => priorities.map((priority, n) => ({ id: `q${n}`, priority })))
const wishes = fc.integer({ min: 1, max: 35 })

it('keeps priorities unique, moves queues only down, and preserves their order', () => {
  fc.assert(
    fc.property(queues, fc.option(wishes, { nil: undefined }), (others, wish) => {
      const { priority, moved } = placePriority(others, wish)
      const moves = new Map(moved.map((move) => [move.id, move.priority]))
      const after = others.map((queue) => ({ ...queue, priority: moves.get(queue.id) ?? queue.priority }))
      expect(priority).toBe(wish ?? priority)
      expect(new Set([priority, ...after.map((queue) => queue.priority)]).size).toBe(others.length + 1)
      for (const queue of others) expect(moves.get(queue.id) ?? queue.priority + 1).toBeGreaterThan(queue.priority)
      const order = (list: { id: string; priority: number }[]) =>
        list.toSorted((a, b) => a.priority - b.priority).map((queue) => queue.id)
      expect(order(after)).toEqual(order(others))
    }),
  )
})

it('moves none if the requested priority is free, else only the unbroken run of taken ones from there', () => {
  const others = [1, 2, 3, 7].map((priority) => ({ id: String(priority), priority }))
  expect(placePriority(others, 5).moved).toEqual([])
  expect(placePriority(others, 2).moved).toEqual([
    { id: '2', priority: 3 },
    { id: '3', priority: 4 },
  ])
  expect(placePriority(others, undefined)).toEqual({ priority: 4, moved: [] })
})
